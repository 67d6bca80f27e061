// `npm test` runs everything on the sources. `npm run test:package` sets RMSPROP_DIST and runs the public tests again on
// the built package, and those of the package itself.
import { defineConfig } from "vitest/config";
import { entriesIn } from "./vitest.entries.js";

const built = process.env.RMSPROP_DIST === "1";
const { core, faces } = entriesIn(built ? "dist" : "src");

export default defineConfig({
  resolve: { alias: [core, ...faces] },
  test: {
    include: built
      ? ["test/**/*.test.ts", "playground/src/**/*.test.ts"]
      : ["src/**/*.test.ts", "test/**/*.test.ts", "examples/**/*.test.ts", "playground/src/**/*.test.ts"],
    // Those have commands of their own: they need a browser, a GPU adapter, or a registry of packages.
    exclude: [
      ...["test/browser/**", "test/playground/**", "test/webgpu/**", "test/commands/**"],
      built ? "test/kernels/**" : "test/package/**",
    ],
    testTimeout: 60_000,
  },
});
