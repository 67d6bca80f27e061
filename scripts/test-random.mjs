// The random tests of `npm test` with another seed and more cases, and what it makes a choice of in whole: `npm run test:random -- [SEED]`. A seed that fails becomes
// a case of the suite.
import { spawnSync } from "node:child_process";

const SUITES = [
  ...["sequences", "engines", "order", "user-code"].map((name) => `test/contract/${name}.test.ts`),
  ...["test/checkpoint", "test/tfjs/sharing.test.ts", "test/tfjs/any-state.test.ts", "test/jax"],
  ...["test/keras-files/any-state.test.ts", "test/keras-files/config-types.test.ts", "src/keras"],
];
const seed = Number(process.argv[2] ?? Math.floor(Math.random() * 2 ** 31));
if (!Number.isInteger(seed)) throw new TypeError(`The seed must be an integer; received ${process.argv[2]}.`);
const again = `npm run test:random -- ${seed}`;
console.log(`Seed ${seed}. The same again: ${again}`);
const env = { ...process.env, RMSPROP_SEED: String(seed), RMSPROP_PROGRAMS: "4000", RMSPROP_STATES: "300" };
const { status } = spawnSync("npx", ["vitest", "run", ...SUITES], { env, stdio: "inherit" });
if (status !== 0) console.error(`Failed with seed ${seed}. The same again: ${again}`);
process.exitCode = status ?? 1;
