// `npm run start:webgpu`: says at once what will be done. Dawn finds its driver when a process starts, so that where SwiftShader has
// to stand in for a GPU, a second process does the work.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { vulkanEnvironment } from "../../test/webgpu/vulkan.js";
import { wholeFrom } from "../shared/numbers.js";
import { reportRefusal } from "../shared/program.js";

const { seed } = new Command("npm run start:webgpu --")
  .usage("[options]")
  .description("Trains the classifier of npm start with kernels of its own on a GPU, and with rmsprop/webgpu.")
  .option("--seed <whole number>", "decides split, initial weights and batches", wholeFrom(0), 0)
  .helpOption("-h, --help", "print this help")
  .parse()
  .opts<{ seed: number }>();

const isSecond = process.send !== undefined;
const environment = vulkanEnvironment();
if (!isSecond) console.log("Trains a network on handwritten digits with kernels in WGSL and rmsprop/webgpu ...\n");
if (isSecond || Object.keys(environment).length === 0) {
  process.once("disconnect", () => process.exit());
  const { compare } = await import("./compare.js");
  await compare({ epochs: 25, batchSize: 16, seed }).catch(reportRefusal);
  process.disconnect?.();
} else {
  const env = { ...process.env, ...environment };
  const second = fork(fileURLToPath(import.meta.url), process.argv.slice(2), { env });
  second.once("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}
