// The same in a real page: Chromium with SwiftShader as its adapter.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { expect, test } from "vitest";
import { ENTRY_POINTS } from "../../entry-points.js";
import type { PageReport } from "./page.js";

const built = process.env.RMSPROP_DIST === "1";
const at = (path: string): string =>
  fileURLToPath(new URL(built ? `../../dist/${path}.js` : `../../src/${path}.ts`, import.meta.url));

const ARGUMENTS = [
  ...["--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"],
];

async function script(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: 'import { pageReport } from "./page.js"; globalThis.pageReport = pageReport;',
      resolveDir: import.meta.dirname,
    },
    alias: Object.fromEntries(ENTRY_POINTS.map(({ name, module }) => [name, at(module)])),
    ...{ bundle: true, write: false, format: "esm", platform: "browser", target: "es2022", logLevel: "silent" },
  });
  return outputFiles.map(({ text }) => text).join("");
}

test("a page has the bits of core on its device, and the device decides about a loss scale", async () => {
  const bundle = await script();
  // Pages have WebGPU only where they are secure, as those of this host are.
  const server = createServer(({ url }, response) => {
    const isScript = url === "/page.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    response.end(
      isScript ? bundle : '<!doctype html><title>webgpu</title><script type="module" src="page.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  try {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const report = (await page.evaluate("pageReport()")) as PageReport;
    console.log(`Chromium: ${report.adapter}`);
    expect(Object.values(report.differing)).toEqual(Object.values(report.differing).map(() => 0));
    expect(Object.keys(report.differing)).toHaveLength(5);
    expect(report.scale).toEqual([4, 1, 1]);
    expect(problems.filter((text) => !text.includes("favicon"))).toEqual([]);
  } finally {
    await browser.close();
    server.close();
  }
});
