// The random tests of `npm test` with another seed and more cases: `npm run test:random -- [SEED]`. A seed that fails becomes a
// case of the suite. Sweeps that are the same for every seed are not among them: `npm run test:package` makes them in whole,
// but for those beside the sources, which it has not.
import { spawnSync } from "node:child_process";

const SUITES = [
  ...["sequences", "engines", "order", "user-code"].map((name) => `test/contract/${name}.test.ts`),
  ...["sharing", "any-state", "layer-constraints"].map((name) => `test/tfjs/${name}.test.ts`),
  ...["any-state", "config-types", "bytes"].map((name) => `test/keras-files/${name}.test.ts`),
  ...["any-state", "bytes", "checksum", "files", "resume", "writers"].map((name) => `test/checkpoint/${name}.test.ts`),
  ...["any-state", "core-parity", "rates"].map((name) => `test/jax/${name}.test.ts`),
  ...["src/keras", "examples/cartpole", "examples/shared"],
];
const seed = Number(process.argv[2] ?? Math.floor(Math.random() * 2 ** 31));
if (!Number.isInteger(seed)) throw new TypeError(`The seed must be an integer; received ${process.argv[2]}.`);
const again = `npm run test:random -- ${seed}`;
console.log(`Seed ${seed}. The same again: ${again}`);
const env = { ...process.env, RMSPROP_SEED: String(seed), RMSPROP_PROGRAMS: "4000", RMSPROP_STATES: "300" };
const { status } = spawnSync("npx", ["vitest", "run", ...SUITES], { env, stdio: "inherit" });
if (status !== 0) console.error(`Failed with seed ${seed}. The same again: ${again}`);
process.exitCode = status ?? 1;
