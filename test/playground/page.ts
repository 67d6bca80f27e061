// The built page in real Chromium. Whatever goes wrong in it makes its test fail.
import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { type PreviewServer, preview } from "vite";
import { afterAll, beforeAll } from "vitest";
import { startChromium } from "../browser/chromium.js";

/** How the page is opened. */
export interface Visit {
  /** The page in the site. Without one, its first page. */
  readonly path?: string;
  /** What follows `#` in the address. */
  readonly fragment?: string;
  readonly context?: BrowserContextOptions;
  /** Replace those of the server; the policy of the page's meta tag goes, too. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Runs in the page before its own scripts. */
  readonly init?: () => void;
  /** Errors that may be printed. */
  readonly expected?: RegExp;
}

const POLICY_TAG = /<meta\s+http-equiv="Content-Security-Policy"[^>]*>/;

/** Where the build is, from the folder of the page. */
const SITE = "../out/site";

/** One browser and one server for all tests of a file; the result opens the page. `outDir` may be a copy of the build. */
export function usePage(outDir: string = SITE): <T>(visit: Visit, fn: (page: Page) => Promise<T>) => Promise<T> {
  let browser: Browser | null = null;
  let server: PreviewServer | null = null;
  beforeAll(async () => {
    browser = await startChromium();
    server = await preview({
      root: "playground",
      configFile: "playground/vite.config.ts",
      build: { outDir },
      preview: { port: 0 },
    });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  return async (visit, fn) => {
    if (!browser || !server) throw new Error("pages can be opened in tests only");
    // A server that listens on a port has such an address.
    const { port } = (server.httpServer as Server).address() as AddressInfo;
    return visitPage(browser, `http://localhost:${port}/${visit.path ?? ""}#${visit.fragment ?? ""}`, visit, fn);
  };
}

async function visitPage<T>(
  browser: Browser,
  address: string,
  visit: Visit,
  fn: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext(visit.context);
  context.setDefaultTimeout(10_000);
  try {
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on(
      "response",
      (response) => response.status() >= 400 && problems.push(`${response.status()} ${response.url()}`),
    );
    if (visit.headers) await replaceHeaders(page, visit.headers);
    if (visit.init) await page.addInitScript(visit.init);
    await page.goto(address);
    const result = await fn(page);
    const surprises = problems.filter((problem) => !visit.expected?.test(problem));
    if (surprises.length > 0) throw new Error(`errors in the page:\n${surprises.join("\n")}`);
    return result;
  } finally {
    await context.unrouteAll({ behavior: "ignoreErrors" });
    await context.close();
  }
}

async function replaceHeaders(page: Page, replaced: Readonly<Record<string, string>>): Promise<void> {
  await page.context().route("**/*", async (route) => {
    const response = await route.fetch();
    const headers: Record<string, string> = { ...response.headers(), ...replaced };
    const body = await response.body();
    const isPage = headers["content-type"]?.includes("html");
    await route.fulfill({ response, headers, body: isPage ? body.toString().replace(POLICY_TAG, "") : body });
  });
}

/** What axe finds that is serious or critical, as one line each. */
export async function seriousIssues(page: Page): Promise<string[]> {
  // Evaluated rather than added as a script, which the page's policy refuses.
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
  });
}

/** What a build lists for its service worker. */
export interface Built {
  readonly version: string;
  readonly files: readonly string[];
  readonly later: readonly string[];
}

const [PREFIX, SUFFIX] = ["self.BUILT = ", ";\n"];

export function builtFiles(folder: string): Built {
  // The build writes it so.
  return JSON.parse(readFileSync(`${folder}/files.js`, "utf8").slice(PREFIX.length, -SUFFIX.length)) as Built;
}

export function listText(built: Built): string {
  return `${PREFIX}${JSON.stringify(built)}${SUFFIX}`;
}
