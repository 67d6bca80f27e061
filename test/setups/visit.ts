// A page that a recipe serves, opened in Chromium.
import { setTimeout } from "node:timers/promises";
import { startChromium } from "../browser/chromium.js";

/** What the program prints. */
const LINE = /(wasm|js), threads \d+, bits [0-9a-f]+(, tfjs [\d.]+)?/g;

/** The lines of the program among others. */
export const linesIn = (text: string): string[] => text.match(LINE) ?? [];

export const URL_OF_PAGE = /http:\/\/(localhost|127\.0\.0\.1):\d+(?=[/\s])/;

const PATIENCE_MS = 60_000;

/** What a page has written to its console, and shows, once there are so many lines. */
export async function visit(url: string, count: number): Promise<string> {
  const browser = await startChromium();
  const page = await browser.newPage();
  const logged: string[] = [];
  page.on("console", (message) => logged.push(message.text()));
  page.on("pageerror", (error) => logged.push(String(error.stack ?? error)));
  try {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await setTimeout(200)) {
      if (!page.url().startsWith(url)) await page.goto(url).catch(() => undefined); // it may not be served yet
      // biome-ignore lint/performance/useDomNodeTextContent: scripts of Next hold the lines, too, which nobody sees.
      const shown = await page.innerText("body").catch(() => "");
      const all = [...logged, shown].join("\n");
      if (linesIn(all).length >= count) return all;
    }
    return logged.join("\n");
  } finally {
    await browser.close();
  }
}
