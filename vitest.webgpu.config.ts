// `npm run test:webgpu`: what needs a GPU adapter, in Node and in Chromium. Without an adapter it fails.
import { defineConfig } from "vitest/config";
import { vulkanEnvironment } from "./test/webgpu/vulkan.js";
import config from "./vitest.config.js";

// The processes of the tests are started from this one.
Object.assign(process.env, vulkanEnvironment());

export default defineConfig({
  ...config,
  test: {
    include: ["test/webgpu/**/*.test.ts"],
    // Their reference is made of modules that the built package does not show.
    exclude: process.env.RMSPROP_DIST === "1" ? ["test/webgpu/keras.test.ts", "test/webgpu/tfjs-keras.test.ts"] : [],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 240_000,
  },
});
