// The TypeScript of docs/webgpu.md runs, block after block, as it is printed there.
import { readFileSync } from "node:fs";
import { transform } from "esbuild";
import * as core from "rmsprop";
import * as webgpu from "rmsprop/webgpu";
import { expect, test } from "vitest";
import { globals } from "webgpu";
import { requestAdapter } from "./device.js";

const text = readFileSync(new URL("../../docs/webgpu.md", import.meta.url), "utf8");
const blocks = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? "");

test("the blocks print what they promise", async () => {
  const code = blocks
    .join("")
    .replace(/import \* as core from "rmsprop";/g, "")
    .replace(/import \{ (.*?) \} from "rmsprop\/webgpu";/g, "const { $1 } = webgpu;");
  const { code: script } = await transform(`export default async () => {${code}}`, { format: "cjs", loader: "ts" });
  const printed: string[] = [];
  const navigator = { gpu: { requestAdapter } };
  const console = { log: (value: unknown) => printed.push(String(value)) };
  const scope = {
    core,
    webgpu,
    navigator,
    console,
    module: { exports: {} as { default?: () => Promise<void> } },
    ...globals,
  };
  new Function(...Object.keys(scope), script)(...Object.values(scope));
  await scope.module.exports.default?.();
  expect(printed).toEqual([...code.matchAll(/console\.log\(.*\); \/\/ ([\d.]+)/g)].map(([, value]) => value));
  expect(printed).toHaveLength(3);
});
