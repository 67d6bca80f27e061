// `npm run test:browser`: the built and packed package in real Chromium, bundled by Vite.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const built = (path: string): string => fileURLToPath(new URL(`./dist/${path}.js`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^rmsprop$/, replacement: built("index") },
      { find: /^rmsprop\/tfjs$/, replacement: built("tfjs/index") },
    ],
  },
  test: {
    include: ["test/browser/**/*.test.ts"],
    globalSetup: "test/browser/site.ts",
    // Chromium has threads enough of its own.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
