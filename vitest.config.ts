// `npm test` runs everything on the sources. `npm run test:package` sets RMSPROP_DIST and runs the public tests again on
// the built package, and those of the package itself.
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { entriesIn, NO_GRADIENTS } from "./entry-points.js";
import { OFTEN_ON_GROWING_MEMORY, ON_GROWING_MEMORY } from "./test/contract/growing/suites.js";

const built = process.env.RMSPROP_DIST === "1";
// Sweeps of `npm test` are a choice: see test/seed.ts.
const isWhole = built || process.env.RMSPROP_PROGRAMS !== undefined;
const dist = fileURLToPath(new URL("./dist", import.meta.url));
const { core, others } = entriesIn(built ? "dist" : "src");

/** Those have commands of their own: they need a browser, a GPU adapter, or a registry of packages. */
const ELSEWHERE = [
  ...["test/browser/**", "test/playground/**", "test/webgpu/**", "test/commands/**"],
  ...(built ? ["test/kernels/**", "test/house/**"] : ["test/package/**"]),
];

/** The suites of test/contract that neither count bytes of memory nor start threads. */
const CONTRACT = `contract/{${[...ON_GROWING_MEMORY, "console", "frameworks", "left-out", "types"].join()}}`;

/** Those that leave nothing behind, and so share a process with what they import. */
const SHARING = [
  ...(built
    ? []
    : [
        "src/{check,constraints,node,plain,rule,schedules,tfjs}/**/*.test.ts",
        ...["src/engine/webgpu/*.test.ts", "src/keras/zip/*.test.ts"],
      ]),
  ...[
    "docs/*",
    "contract/{dropped,garbage}", // they measure in a process of theirs
    "{checkpoint,definitions,house,jax,kernels,keras,oracle}/*",
    "keras-files/!(packages)", // whose packages are not there for any other
    "tfjs/!(copies)", // what another copy of TensorFlow.js registers stays
    CONTRACT,
  ].map((names) => `test/${names}.test.ts`),
  "playground/src/**/*.test.ts",
  ...(built ? [] : ["examples/{cartpole,digits,optimizers,shared}/*.test.ts", "src/keras/bit-flips.test.ts"]),
];

export default defineConfig({
  resolve: { alias: [core, ...others, NO_GRADIENTS] },
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two more than there are processors: some suites wait for processes and threads.
    maxWorkers: availableParallelism() + 2,
    env: isWhole ? {} : { RMSPROP_CHOICE: "1" },
    // Room for what is young: fewer collections.
    execArgv: isWhole ? [] : ["--min-semi-space-size=64", "--max-semi-space-size=64"],
    projects: [
      {
        extends: true,
        test: {
          name: "usual",
          include: built
            ? ["test/**/*.test.ts", "playground/src/**/*.test.ts"]
            : ["src/**/*.test.ts", "test/**/*.test.ts", "examples/**/*.test.ts", "playground/src/**/*.test.ts"],
          exclude: [...ELSEWHERE, ...SHARING],
        },
      },
      {
        extends: true,
        test: {
          name: "sharing",
          include: SHARING,
          exclude: ELSEWHERE,
          isolate: false,
          sequence: { groupOrder: 1 },
          // TensorFlow.js has one register of names for all variables of a process.
          setupFiles: ["test/tfjs/setup.ts"],
        },
      },
      {
        extends: true,
        // Its setup reaches behind the entry points.
        resolve: { alias: built ? [{ find: /^(\.\.\/)+src\/(engine\/.+)$/, replacement: `${dist}/$2` }] : [] },
        test: {
          name: "growing memory",
          isolate: false,
          // After the others: a process is shared by suites that come one after the other.
          sequence: { groupOrder: 2 },
          include: (isWhole ? ON_GROWING_MEMORY : OFTEN_ON_GROWING_MEMORY).map(
            (suite) => `test/contract/${suite}.test.ts`,
          ),
          env: { RMSPROP_TESTED: "wasm" },
          setupFiles: ["test/contract/growing/setup.ts"],
        },
      },
    ],
  },
});
