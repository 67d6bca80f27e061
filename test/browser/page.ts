// A page in real Chromium that fails its test on any error that the test did not expect.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, inject } from "vitest";
import { startChromium } from "./chromium.js";
import { type Serving, serve } from "./server.js";

/** Which page is visited, how it is served, and what goes wrong on purpose. */
export interface Visit extends Serving {
  readonly page: "core" | "tfjs";
  /** Errors that must occur; any other fails the test. */
  readonly expected?: readonly RegExp[];
}

declare global {
  interface Window {
    /** All workers that were started by the page's main thread. */
    workers: Worker[];
    /** How often the page's main thread called Atomics.wait. */
    waits: number;
  }
}

/** The headers that make a page cross-origin isolated. */
export const ISOLATED: Readonly<Record<string, string>> = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** One browser for all tests of a file; the result opens pages in it. */
export function useChromium(): <T>(visit: Visit, fn: (page: Page) => Promise<T>) => Promise<T> {
  let browser: Browser | null = null;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser?.close());
  return (visit, fn) => {
    if (browser === null) throw new Error("pages can be opened in tests only");
    return withPage(browser, visit, fn);
  };
}

async function withPage<T>(browser: Browser, visit: Visit, fn: (page: Page) => Promise<T>): Promise<T> {
  const site = await serve(inject("site"), visit);
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const problems = watch(page);
    await page.addInitScript(watchPlatform);
    await page.goto(`${site.origin}/${visit.page}.html`);
    await page.waitForFunction(() => document.title === "ready", null, { timeout: 20_000 });
    const result = await fn(page);
    checkProblems(problems, visit.expected ?? []);
    return result;
  } finally {
    await context.close();
    await site.close();
  }
}

/** Everything that goes wrong in a page, as it comes. */
function watch(page: Page): readonly string[] {
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`uncaught: ${error.stack ?? error}`));
  page.on("requestfailed", (request) => problems.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`status ${response.status()}: ${response.url()}`);
  });
  page.on("crash", () => problems.push("the page crashed"));
  return problems;
}

/** Throws unless what went wrong is what was expected, all of it. */
function checkProblems(problems: readonly string[], expected: readonly RegExp[]): void {
  const surprises = problems.filter((problem) => !expected.some((pattern) => pattern.test(problem)));
  const missing = expected.filter((pattern) => !problems.some((problem) => pattern.test(problem)));
  const lines = [...surprises, ...missing.map((pattern) => `expected, and did not occur: ${pattern}`)];
  if (lines.length > 0) throw new Error(`errors in the page:\n${lines.join("\n")}`);
}

/** Runs in the page before its own scripts. */
function watchPlatform(): void {
  window.workers = [];
  window.waits = 0;
  window.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      window.workers.push(this);
    }
  };
  Atomics.wait = () => {
    window.waits++;
    throw new TypeError("the main thread of a page must not wait");
  };
}
