// `npm run test:playground`: the built page in real Chromium, used as a person would.
import { defineConfig } from "vitest/config";
import { entriesIn, NO_GRADIENTS } from "./entry-points.js";

const { core, others } = entriesIn("dist");

export default defineConfig({
  resolve: { alias: [core, ...others, NO_GRADIENTS] },
  test: {
    include: ["test/playground/**/*.test.ts"],
    // Each file has a browser of its own, which waits for most of the time.
    maxWorkers: 2,
    testTimeout: 240_000,
    hookTimeout: 60_000,
  },
});
