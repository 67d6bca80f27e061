// Files of few bytes that ask for much, of every structure: each is read, or refused with an error of this package, in steps
// of the number of its bytes and of what its limits let it make, whatever the machine.
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Bomb, HDF5_BOMBS } from "../../test/keras-files/bombs/hdf5-bombs.js";
import { SAFETENSORS_BOMBS } from "../../test/keras-files/bombs/safetensors-bombs.js";
import { StepCounter } from "../../test/keras-files/bombs/steps.js";
import { JSON_BOMBS, ZIP_BOMBS } from "../../test/keras-files/bombs/zip-bombs.js";
import { randomOf } from "../../test/keras-files/mutate.js";
import { choice, isThorough, SEED } from "../../test/seed.js";
import { StateMismatchError } from "../check/errors.js";
import { loadCheckpoint } from "../plain/index.js";
import { type FileLimits, KerasFileError, readKeras } from "./index.js";
import { Tally, Unpacking } from "./limits.js";

const BOMBS = { HDF5: HDF5_BOMBS, zip: ZIP_BOMBS, JSON: JSON_BOMBS, safetensors: SAFETENSORS_BOMBS };
const ALL = Object.entries(BOMBS).flatMap(([structure, bombs]) =>
  Object.entries(bombs).map(([kind, bomb]) => [structure, kind, bomb] as const),
);
const FILES = isThorough ? 2000 : 0;
/** So low that files of the suite's sizes reach them. */
const LIMITS: FileLimits = { freeByteLength: 2 ** 18, layers: 1000, nameLength: 2 ** 16, jsonValues: 2 ** 14 };

// What each byte may take that a file has, unpacks to, or is counted as by a limit; and a file of no bytes.
const [STEPS, STEPS_OF_FILE] = [12, 10_000];

const OWN_MESSAGE = /^(readKeras|loadCheckpoint|RMSprop): /;
const counter = new StepCounter();
const unpacking = vi.spyOn(Unpacking.prototype, "add");
const tallies = vi.spyOn(Tally.prototype, "add");
afterAll(() => counter.stop());
beforeEach(() => vi.clearAllMocks());

type Calls = {
  readonly mock: {
    readonly calls: readonly (readonly unknown[])[];
    readonly results: readonly { readonly type: string }[];
  };
};

/** The sum of what was added; what went over a limit was not made. */
const sumOf = ({ mock }: Calls, at: number): number =>
  mock.calls.reduce((sum, call, i) => sum + (mock.results[i]?.type === "return" ? Number(call[at]) : 0), 0);

/** Steps for each byte that a file has, unpacks, or is counted as. */
async function costOf(structure: string, bytes: Uint8Array): Promise<number> {
  vi.clearAllMocks();
  counter.take();
  await readAny(structure, bytes);
  const most = bytes.length + sumOf(unpacking, 1) + sumOf(tallies, 0);
  return (counter.take() - STEPS_OF_FILE) / most;
}

/** Reads a file, or sees it refused with an error that is documented. */
async function readAny(structure: string, bytes: Uint8Array): Promise<void> {
  try {
    if (structure === "safetensors") loadCheckpoint(bytes).optimizer.dispose();
    else (await readKeras(bytes, { limits: LIMITS })).dispose();
  } catch (error) {
    if (error instanceof KerasFileError || error instanceof StateMismatchError) return;
    const isOwn = error instanceof RangeError || error instanceof TypeError;
    if (!isOwn || !OWN_MESSAGE.test(error.message)) throw error;
  }
}

describe.each(choice(ALL, 2))("%s: %s", (structure, _, bomb: Bomb) => {
  test("costs steps of the size of its file", async () => {
    for (const size of [1, 300]) {
      const steps = await costOf(structure, bomb(size));
      expect(steps).toBeLessThan(STEPS);
    }
  });
});

test.runIf(isThorough)(
  `${FILES} bombs of all kinds and sizes cost steps of their sizes`,
  { timeout: 1_200_000 },
  async () => {
    const random = randomOf(SEED);
    for (let i = 0; i < FILES; i++) {
      const [structure, kind, bomb] = ALL[i % ALL.length] ?? [];
      if (structure === undefined || bomb === undefined) throw new Error("there are bombs");
      const size = Math.floor(2 ** (random(1400) / 100));
      const steps = await costOf(structure, bomb(size));
      expect(steps, `${structure}: ${kind} of ${size}`).toBeLessThan(STEPS);
    }
  },
);
