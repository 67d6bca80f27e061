// The blocks of the guide that need a device run, page by page, each page's one after the other in one program.
import { transform } from "esbuild";
import * as core from "rmsprop";
import * as webgpu from "rmsprop/webgpu";
import { expect, test } from "vitest";
import { globals } from "webgpu";
import { blocksMarked, promisesOf } from "../docs/blocks.js";
import { bufferOf, requestAdapter, startDevice } from "./device.js";

const blocks = blocksMarked("webgpu");

test.each([
  { page: "README.md", promised: 0 },
  { page: "docs/webgpu.md", promised: 5 },
])("the blocks of $page print what they promise", async ({ page, promised }) => {
  const code = blocks.flatMap((block) => (block.page === page ? block.code : [])).join("");
  expect(code).not.toBe("");
  expect(promisesOf(code)).toHaveLength(promised);
  expect(await printedBy(code)).toEqual(promisesOf(code));
});

test("no other page has such blocks", () => {
  expect([...new Set(blocks.map(({ page }) => page))]).toEqual(["README.md", "docs/webgpu.md"]);
});

/** What a program prints that finds a device and a gradient of 1000 numbers, as the README's does. */
async function printedBy(code: string): Promise<string[]> {
  const body = code
    .replace(/import \* as core from "rmsprop";/g, "")
    .replace(/import \{ (.*?) \} from "rmsprop\/webgpu";/g, "const { $1 } = webgpu;");
  const { code: script } = await transform(`export default async () => {${body}}`, { format: "cjs", loader: "ts" });
  const { device } = await startDevice();
  const printed: string[] = [];
  const scope = {
    ...{ core, webgpu, device, gradientBuffer: bufferOf(device, new Float32Array(1000)) },
    navigator: { gpu: { requestAdapter } },
    console: { log: (value: unknown) => printed.push(String(value)) },
    module: { exports: {} as { default?: () => Promise<void> } },
    ...globals,
  };
  new Function(...Object.keys(scope), script)(...Object.values(scope));
  await scope.module.exports.default?.();
  await device.queue.onSubmittedWorkDone();
  return printed;
}
