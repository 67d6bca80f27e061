// `npm test` runs everything on the sources; `RMSPROP_DIST=1` runs the public tests on the built package instead.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const built = process.env["RMSPROP_DIST"] === "1";

export default defineConfig({
  resolve: {
    alias: built
      ? []
      : [
          { find: /^rmsprop$/, replacement: source("./src/index.ts") },
          { find: /^rmsprop\/tfjs$/, replacement: source("./src/tfjs/index.ts") },
        ],
  },
  test: {
    include: built ? ["test/**/*.test.ts"] : ["src/**/*.test.ts", "test/**/*.test.ts", "examples/**/*.test.ts"],
    exclude: built ? ["test/kernels/**"] : ["test/package/**"],
    testTimeout: 60_000,
  },
});
