// `npm run test:webgpu`: what needs a GPU adapter, in Node and in Chromium. Without an adapter it fails.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { entriesIn, NO_GRADIENTS } from "./entry-points.js";
import { ON_DEVICE } from "./test/webgpu/contract/suites.js";
import { vulkanEnvironment } from "./test/webgpu/vulkan.js";

// The processes of the tests are started from this one.
Object.assign(process.env, vulkanEnvironment());

const built = process.env.RMSPROP_DIST === "1";
const { core, others } = entriesIn(built ? "dist" : "src");
const shared = { pool: "forks", fileParallelism: false, testTimeout: 240_000 } as const;

/** For the suites of the contract, "rmsprop" is a device. */
const overDevice = {
  name: "rmsprop-over-a-device",
  enforce: "pre",
  resolveId(source: string, importer: string | undefined): string | null {
    if (!core.find.test(source)) return null;
    const isSuite = importer?.includes("/test/contract/") ?? false;
    return isSuite ? fileURLToPath(new URL("./test/webgpu/contract/library.ts", import.meta.url)) : core.replacement;
  },
} as const;

export default defineConfig({
  test: {
    fileParallelism: false,
    projects: [
      {
        resolve: { alias: [core, ...others, NO_GRADIENTS] },
        test: {
          ...shared,
          name: "webgpu",
          include: ["test/webgpu/**/*.test.ts"],
          // Their reference is made of modules that the built package does not show.
          exclude: built ? ["test/webgpu/keras.test.ts", "test/webgpu/tfjs-keras.test.ts"] : [],
        },
      },
      {
        plugins: [overDevice],
        resolve: { alias: [...others, NO_GRADIENTS] },
        test: {
          ...shared,
          name: "contract",
          include: Object.keys(ON_DEVICE).map((suite) => `test/contract/${suite}.test.ts`),
          env: { RMSPROP_ENGINES: "webgpu" },
          setupFiles: ["test/webgpu/contract/setup.ts"],
        },
      },
    ],
  },
});
