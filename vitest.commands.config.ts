// `npm run test:commands`: the commands of the README and the guide, run as a reader would. It installs packages.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/commands/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 120_000,
  },
});
