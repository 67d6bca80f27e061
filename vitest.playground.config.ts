// `npm run test:playground`: the built page in real Chromium, used as a person would.
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
    include: ["test/playground/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 60_000,
  },
});
