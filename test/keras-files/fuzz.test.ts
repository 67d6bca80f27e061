// Thousands of damaged files: each is read, or refused with an error of this package, at once and within its memory.
// `npm test` reads 1,000; `npm run test:package` reads 15,000.
import { StateMismatchError } from "rmsprop";
import { KerasFileError, readKeras } from "rmsprop/keras";
import { expect, test } from "vitest";
import { cpuClock } from "../cpu-time.js";
import { isWhole } from "../seed.js";
import { fixture } from "./expected.js";
import { mutate, randomOf } from "./mutate.js";
import { versionBytes } from "./versions/fixtures.js";

const FILES = Number(process.env.FUZZ_FILES ?? (isWhole ? 15_000 : 1000));
const MOST_MS = 1000;
const MOST_BYTES = 2 ** 29;
const OWN_MESSAGE = /^(readKeras|Variable|RMSprop|LossScaleOptimizer|deserialize|\w+Decay\w*): /;
const NAMES = [
  ...["tensorflow-plain.weights.h5", "tensorflow-nested.weights.h5", "tensorflow-plain.keras", "jax-mixed.keras"],
  ...["tensorflow-everything.keras", "tensorflow-untrained.keras"],
];
/** Files of Keras 2, and what Keras 3 saves as HDF5. */
const OLD = [
  ...["keras2.4.0-momentum.h5", "keras2.9.0-nested.by-name.h5", "keras2.12.0-nested.weights.h5", "keras2.2.5-plain.h5"],
  ...["keras3.15.1-tensorflow-mixed.h5", "keras2.15.0-bidirectional.h5"],
];

test(`${FILES} damaged files are read or refused with errors of this package`, { timeout: 600_000 }, async () => {
  const sources = [...NAMES.map(fixture), ...OLD.map(versionBytes)];
  const hdf5 = sources.map(hdf5Within);
  const counts: Record<string, number> = {};
  const strange: string[] = [];
  let slowest = 0;
  let memory = 0;
  const before = process.memoryUsage().rss;
  for (let seed = 0; seed < FILES; seed++) {
    const random = randomOf(seed);
    // Most go to the HDF5 itself: in a zip its checksum would stop them.
    const pool = random(4) === 0 ? sources : hdf5;
    const [source, other] = [pool[random(pool.length)], hdf5[random(hdf5.length)]];
    if (source === undefined || other === undefined) throw new Error("there are sources");
    const bytes = mutate(source, other, random);
    const elapsed = cpuClock();
    const kind = await outcomeOf(bytes).catch((error: unknown) => `strange: ${seed} ${error}`);
    slowest = Math.max(slowest, elapsed());
    if (seed % 500 === 0) memory = Math.max(memory, process.memoryUsage().rss - before);
    if (kind.startsWith("strange")) strange.push(kind);
    counts[kind.split(":")[0] ?? ""] = (counts[kind.split(":")[0] ?? ""] ?? 0) + 1;
  }
  console.log(
    `${FILES} files`,
    counts,
    `slowest ${slowest.toFixed(0)} ms, memory ${(memory / 2 ** 20).toFixed(0)} MB more`,
  );
  expect(strange.slice(0, 5)).toEqual([]);
  expect(slowest).toBeLessThan(MOST_MS);
  expect(memory).toBeLessThan(MOST_BYTES);
  expect(Object.keys(counts).length).toBeGreaterThan(4); // it got to all kinds of outcome
});

async function outcomeOf(bytes: Uint8Array): Promise<string> {
  try {
    const file = await readKeras(bytes, { optimizer: "rmsprop" });
    file.dispose();
    return "read";
  } catch (error) {
    if (error instanceof KerasFileError) return error.problem;
    if (error instanceof StateMismatchError) return "mismatch";
    const isOwn = (error instanceof RangeError || error instanceof TypeError) && OWN_MESSAGE.test(error.message);
    if (isOwn) return "bad value";
    throw error;
  }
}

/** The HDF5 in a .keras file, which stores it as it is; else the file itself. */
function hdf5Within(bytes: Uint8Array): Uint8Array {
  const start = Buffer.from(bytes).indexOf("\x89HDF\r\n\x1a\n", 0, "latin1");
  return bytes.slice(Math.max(start, 0));
}
