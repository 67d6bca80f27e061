// `npm test` runs everything on the sources. `npm run test:package` sets RMSPROP_DIST and runs the public tests again on
// the built package, and those of the package itself.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const built = process.env.RMSPROP_DIST === "1";
const at = (path: string): string =>
  fileURLToPath(new URL(built ? `./dist/${path}.js` : `./src/${path}.ts`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^rmsprop$/, replacement: at("index") },
      { find: /^rmsprop\/jax$/, replacement: at("jax/index") },
      { find: /^rmsprop\/tfjs$/, replacement: at("tfjs/index") },
      { find: /^rmsprop\/webgpu$/, replacement: at("webgpu/index") },
      { find: /^rmsprop\/keras$/, replacement: at("keras/index") },
      { find: /^rmsprop\/keras\/tfjs$/, replacement: at("keras/tfjs/index") },
      { find: /^rmsprop\/node$/, replacement: at("node/index") },
    ],
  },
  test: {
    include: built
      ? ["test/**/*.test.ts", "playground/src/**/*.test.ts"]
      : ["src/**/*.test.ts", "test/**/*.test.ts", "examples/**/*.test.ts", "playground/src/**/*.test.ts"],
    // Those have commands of their own: they need a browser, or a GPU adapter.
    exclude: ["test/browser/**", "test/playground/**", "test/webgpu/**", built ? "test/kernels/**" : "test/package/**"],
    testTimeout: 60_000,
  },
});
