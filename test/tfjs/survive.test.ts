// A process that is killed again and again, started anew each time, ends with the bits of one that never was.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isThorough, SEED } from "../seed.js";

const folder = mkdtempSync(join(tmpdir(), "rmsprop-survive-"));
let program = "";
beforeAll(async () => {
  const { buildSync } = await import("esbuild");
  const child = fileURLToPath(new URL("./surviving-child.ts", import.meta.url));
  const root = fileURLToPath(new URL("../../", import.meta.url));
  program = join(folder, "child.mjs");
  const tsconfig = join(root, process.env.RMSPROP_DIST === "1" ? "tsconfig.build.json" : "tsconfig.json");
  // TensorFlow.js requires modules of Node's.
  const banner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
  const mainFields = ["module", "main"]; // of whose files the backend says that they register it
  const settings = {
    bundle: true,
    mainFields,
    platform: "node",
    format: "esm",
    tsconfig,
    banner: { js: banner },
  } as const;
  buildSync({ entryPoints: [child], outfile: program, ...settings });
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  /** The bits that it printed; null for one that was killed. */
  readonly state: readonly string[] | null;
  /** The first epoch that it began; null for none. */
  readonly from: number | null;
}

/** Starts a child, and kills it so many milliseconds after its first epoch began. */
function child(backup: string, epochs: number, kind: string, killAfterMs: number | null): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, [program, backup, String(epochs), kind], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    let isTimed = false;
    process_.stdout.on("data", (data: Buffer) => {
      printed += data.toString();
      if (isTimed || killAfterMs === null) return;
      isTimed = true;
      setTimeout(() => process_.kill("SIGKILL"), killAfterMs);
    });
    process_.on("error", reject);
    process_.on("close", (code) => {
      if (code !== 0 && code !== null) reject(new Error(`the child ended with ${code}`));
      const last = printed.trimEnd().split("\n").at(-1) ?? "";
      const first = /^epoch (\d+)$/m.exec(printed)?.[1];
      const state: string[] | null = last.startsWith("{") ? JSON.parse(last).state : null;
      resolve({ state, from: first === undefined ? null : Number(first) });
    });
  });
}

/** A number from 0 to 1, the same each time. */
function* draws(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

// `npm run test:random` kills a hundred times, fifty for each of two optimizers.
const [EPOCHS, KILLS] = isThorough ? [300, 50] : [12, 2];
const WITHIN_MS = isThorough ? 120 : 12;
test.each(isThorough ? ["adam", "rmsprop"] : ["rmsprop"])(
  "a run with %s survives kills at any time",
  async (kind) => {
    const whole = await child(join(folder, `${kind}-whole`), EPOCHS, kind, null);
    expect(whole.state).not.toBeNull();
    const random = draws(SEED);
    let kills = 0;
    for (let run = 0; kills < KILLS; run++) {
      const backup = join(folder, `${kind}-${run}`);
      let last = -1;
      for (;;) {
        const after = kills < KILLS ? WITHIN_MS * (random.next().value as number) : null;
        const { state, from } = await child(backup, EPOCHS, kind, after);
        if (from !== null) expect(from).toBeGreaterThanOrEqual(last);
        last = from ?? last;
        if (state !== null) {
          expect(state).toEqual(whole.state);
          break;
        }
        kills++;
      }
      expect(readdirSync(folder)).not.toContain(`${kind}-${run}`);
    }
    console.info(`${kind}: ${kills} kills`);
  },
  1_800_000,
);
