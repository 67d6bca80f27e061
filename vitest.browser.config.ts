// `npm run test:browser`: the built and packed package in real Chromium, bundled by Vite.
import { defineConfig } from "vitest/config";
import { entriesIn, NO_GRADIENTS } from "./entry-points.js";

const { core, others } = entriesIn("dist");

export default defineConfig({
  resolve: { alias: [core, ...others, NO_GRADIENTS] },
  test: {
    include: ["test/browser/**/*.test.ts"],
    globalSetup: "test/browser/site.ts",
    // Chromium has threads enough of its own.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
