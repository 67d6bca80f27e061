// The guide and the API reference of the built site: under the site's policy, on a phone, by keyboard, and without dead links.
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { GUIDE, pathInSite } from "../../playground/docs/pages.js";
import { deadLinks } from "../docs/links.js";
import { seriousIssues, usePage } from "./page.js";

const PHONE = { viewport: { width: 375, height: 740 } };
const API = ["index", "modules/rmsprop", "classes/rmsprop.RMSprop", "interfaces/rmsprop_webgpu.GpuVariableOptions"];
const API_PAGES = API.map((name) => `api/${name}.html`);
const GUIDE_PAGES = [...GUIDE.map(({ source }) => pathInSite(source)), "source/src/rule/step.ts.html"];

const open = usePage();

const widthBeyond = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test("no link or anchor of the site is dead", () => {
  const entries = readdirSync("out/site", { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const site = entries.map(({ parentPath, name }) => {
    const path = posix.join(parentPath, name);
    return [posix.relative("out/site", path), /\.(html|svg)$/.test(name) ? readFileSync(path, "utf8") : null] as const;
  });
  expect(site.length).toBeGreaterThan(150);
  expect(deadLinks(new Map(site))).toEqual([]);
});

test.each(GUIDE_PAGES)("%s keeps the policy, its contrast in light and dark, and fits a phone", async (path) => {
  await open({ path, context: { colorScheme: "light" } }, async (page) => {
    expect(await page.locator('meta[http-equiv="Content-Security-Policy"]').count()).toBe(1);
    expect(await page.locator("h1").count()).toBe(1);
    expect(await seriousIssues(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await seriousIssues(page)).toEqual([]);
    await page.setViewportSize(PHONE.viewport);
    expect(await widthBeyond(page)).toBe(0);
  });
});

test.each(API_PAGES)("%s keeps the policy, and fits a phone", async (path) => {
  await open({ path, context: { colorScheme: "light" } }, async (page) => {
    await page.waitForLoadState("networkidle");
    expect(await page.locator('meta[http-equiv="Content-Security-Policy"]').count()).toBe(1);
    expect(await page.getByRole("main").getByRole("heading", { level: 1 }).count()).toBe(1);
    expect(await seriousIssues(page)).toEqual([]);
    await page.setViewportSize(PHONE.viewport);
    expect(await widthBeyond(page)).toBe(0);
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await widthBeyond(page)).toBe(0);
  });
});

test("the reference lists what a user needs, and nothing that is internal", () => {
  const entries = readdirSync("out/site/api", { recursive: true, encoding: "utf8" });
  const pages = entries.filter((name) => name.endsWith(".html"));
  const internal =
    /\b(hyper(?!-)|followsFormula|prototype|Namesake|[A-Z]\w*Hyper)\b|toStringTag|(?<=\(\)).{0,60}: never/;
  const found = pages.filter((name) => internal.test(textOf(readFileSync(`out/site/api/${name}`, "utf8"))));
  expect(found).toEqual([]);
  for (const name of ["rmsprop.RMSpropOptions", "rmsprop.OptimizerDefinition", "rmsprop_tfjs.ModelCheckpointOptions"])
    expect(pages).toContain(`interfaces/${name}.html`);
  // Examples of optimizers of one's own are written with it.
  expect(pages).toContain("types/rmsprop.OptionsOf.html");
  const rmsprop = textOf(readFileSync("out/site/api/classes/rmsprop.RMSprop.html", "utf8"));
  for (const member of ["rho", "learningRate", "apply", "minimize", "getConfig", "variables", "fromConfig"])
    expect(rmsprop).toContain(member);
});

/** What a reader sees of a page. */
function textOf(html: string): string {
  return html
    .replace(/<(script|svg|head)\b.*?<\/\1>/gs, " ")
    .replace(/<wbr\/?>/g, "")
    .replace(/<[^>]+>/g, " ");
}

test("every page has the same header, and says in its head what it is", async () => {
  const seen: { names: string[]; statuses: number[] }[] = [];
  for (const path of ["index.html", "why/nan.html", "guide/numbers.html", "api/classes/rmsprop.RMSprop.html"]) {
    seen.push(
      await open({ path }, async (page) => {
        await page.locator(".site .places").waitFor();
        const names = await page.locator(".site .tabs > *, .site .places a, .site .install").allTextContents();
        const head = async (property: string) => page.locator(`meta[property="${property}"]`).getAttribute("content");
        const files = [await head("og:image"), await page.locator('link[rel="icon"]').getAttribute("href")];
        const statuses = await page.evaluate(
          (files) => Promise.all(files.map(async (file) => (await fetch(file ?? "")).status)),
          files,
        );
        const title = [await page.title(), await head("og:title")];
        const description = await page.locator('meta[name="description"]').getAttribute("content");
        expect(title[0]).toBe(title[1]);
        expect(description?.length).toBeGreaterThan(30);
        return { names, statuses };
      }),
    );
  }
  expect(seen[0]?.names).toContain("npm install rmsprop");
  expect(seen[0]?.statuses).toEqual([200, 200]);
  for (const each of seen) expect(each).toEqual(seen[0]);
});

test("code is coloured when the site is built, in the guide, in the reference and on the page about NaN", async () => {
  const places = {
    "guide/first-step.html": ".hljs-keyword",
    "api/classes/rmsprop.RMSprop.html": "code [class^=hl-]",
    "why/nan.html": ".hljs-keyword",
  };
  for (const [path, colored] of Object.entries(places))
    await open({ path, context: { javaScriptEnabled: false } }, async (page) => {
      expect(await page.locator(colored).count(), path).toBeGreaterThan(1);
      expect(await page.locator("[style]").count(), path).toBe(0);
    });
});

test("in the dark the chart of the guide is dark", async () => {
  await open({ path: "guide/performance.html", context: { colorScheme: "dark" } }, async (page) => {
    const chart = page.locator("main img");
    await chart.scrollIntoViewIfNeeded();
    const png = (await chart.screenshot()).toString("base64");
    const light = await page.evaluate(async (png) => {
      const image = new Image();
      image.src = `data:image/png;base64,${png}`;
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.width, image.height];
      const context = canvas.getContext("2d");
      context?.drawImage(image, 0, 0);
      const pixels = context?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
      return pixels.filter((_, i) => i % 4 === 0).reduce((sum, red) => sum + red, 0) / (pixels.length / 4);
    }, png);
    expect(light).toBeLessThan(80);
    expect(light).toBeGreaterThan(10);
  });
});

test("a reader goes through the guide by its links, and to the page and the reference", async () => {
  await open({ path: "guide/index.html" }, async (page) => {
    for (const { source } of GUIDE.slice(1)) {
      await page.locator('[rel="next"]').click();
      expect(new URL(page.url()).pathname).toBe(`/${pathInSite(source)}`);
      expect(await page.locator('.pages [aria-current="page"]').count()).toBe(1);
    }
    const site = page.getByRole("navigation", { name: "Site" });
    await site.getByRole("link", { name: "API" }).click();
    await site.getByRole("link", { name: "Guide", exact: true }).click();
    await page.getByRole("navigation", { name: "Playground" }).getByRole("link", { name: "Speed" }).click();
    await page.getByRole("tab", { name: "Speed", selected: true }).waitFor();
    await site.getByRole("link", { name: "Package", exact: true }).click();
    await expect.poll(() => page.title()).toBe("rmsprop: the guide");
    expect(new URL(page.url()).hash).toBe("#install");
  });
});

test("on a phone the list of pages opens by keyboard", async () => {
  await open({ path: "guide/numbers.html", context: PHONE }, async (page) => {
    const link = page.getByRole("navigation", { name: "Guide" }).getByRole("link", { name: "Checkpoints" });
    expect(await link.isVisible()).toBe(false);
    await page.getByText("Pages of the guide").focus();
    await page.keyboard.press("Enter");
    expect(await link.isVisible()).toBe(true);
  });
});

test("on a phone the reference leads to the guide, too", async () => {
  await open({ path: "api/classes/rmsprop.Variable.html", context: PHONE }, async (page) => {
    await page.getByRole("navigation", { name: "Site" }).getByRole("link", { name: "Guide" }).click();
    await expect.poll(() => page.title()).toBe("rmsprop: the guide"); // the click does not wait for the page
  });
});

test("the search of the reference finds a class", async () => {
  await open({ path: "api/index.html" }, async (page) => {
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("combobox").fill("CosineDecay");
    await page.locator("#tsd-search-results a").first().waitFor();
    expect(await page.locator("#tsd-search-results").textContent()).toContain("CosineDecay");
  });
});

test("what was visited is there without a network", async () => {
  await open({ expected: /ERR_INTERNET_DISCONNECTED|Failed to fetch/ }, async (page) => {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.getByRole("link", { name: "Guide" }).click();
    await page.locator('[rel="next"]').click();
    await page.context().setOffline(true);
    await page.reload();
    await expect.poll(() => page.title()).toBe("A first step - rmsprop");
  });
});

test("a first visit of any page of the guide is enough to read all of it without a network", async () => {
  await open({ path: "guide/numbers.html", expected: /ERR_INTERNET_DISCONNECTED|Failed to fetch/ }, async (page) => {
    const isKept = () => page.evaluate(async () => (await caches.match("../guide/checkpoints.html")) !== undefined);
    await expect.poll(isKept, { timeout: 10_000 }).toBe(true);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await page.context().setOffline(true);
    await page.getByRole("navigation", { name: "Guide" }).getByRole("link", { name: "Checkpoints" }).click();
    await expect.poll(() => page.title()).toBe("Checkpoints - rmsprop");
    expect(await page.locator(".site").evaluate((header) => getComputedStyle(header).display)).toBe("flex");
  });
});

test.each([
  { name: "guide", path: "guide/first-step.html", context: { colorScheme: "light" } },
  { name: "guide-dark", path: "guide/own-optimizer.html", context: { colorScheme: "dark" } },
  { name: "guide-phone", path: "guide/tensorflow.html", context: PHONE },
  { name: "api", path: "api/classes/rmsprop.RMSprop.html", context: { colorScheme: "light" } },
] as const)("a picture of it is in out/playground: $name", async ({ name, path, context }) => {
  await open({ path, context }, async (page) => {
    await page.waitForLoadState("networkidle");
    await page.screenshot({ path: `out/playground/${name}.png` });
  });
});
