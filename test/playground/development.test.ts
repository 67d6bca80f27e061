// The site while it is developed: no link of its header is dead, the API reference included, which is built when it is first
// asked for; heads say where the site will be.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type InlineConfig, type ViteDevServer } from "vite";
import { afterEach, describe, expect, test, vi } from "vitest";
import { guideFiles } from "../../playground/docs/guide.js";
import { docsServer } from "../../playground/docs/serve.js";
import { NAN_PATH, PLACES } from "../../playground/src/pages.js";

let server: ViteDevServer | null = null;
afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
  server = null;
});

const SITE: InlineConfig = { root: "playground", configFile: "playground/vite.config.ts" };

/** What the development server answers. */
async function answerOf(path: string, config: InlineConfig = SITE): Promise<Response> {
  if (server === null) {
    server = await createServer({ logLevel: "silent", ...config, server: { port: 0 } });
    await server.listen();
  }
  return fetch(`${server.resolvedUrls?.local[0]}${path}`);
}

const PAGES = ["index.html", NAN_PATH, ...PLACES.map(({ path }) => path.replace(/#.*/, ""))];

test.each(PAGES)("%s is served, as a page of the site", async (path) => {
  const response = await answerOf(path);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("text/html");
  const html = await response.text();
  if (path !== "index.html") expect(html).toContain('<header class="site">');
  expect(html).not.toContain("{{");
  expect(html.match(/http-equiv="Content-Security-Policy"/g)).toHaveLength(1);
});

describe("a reference that is not there", () => {
  /** A server of an empty site, whose reference is built by `build`. */
  function emptySite(build: (site: string) => Promise<void>): InlineConfig {
    const site = mkdtempSync(join(tmpdir(), "site-"));
    const plugins = [
      docsServer(site, () => build(site)),
      { name: "tidy", closeBundle: () => rmSync(site, { recursive: true }) },
    ];
    return { root: site, configFile: false, appType: "mpa", plugins };
  }

  const write = async (site: string): Promise<void> => {
    mkdirSync(join(site, "api"));
    writeFileSync(join(site, "api/index.html"), "the reference");
    writeFileSync(join(site, "preview.png"), "the picture");
  };

  test("is built when it is first asked for, once for all who wait for it", async () => {
    const build = vi.fn(write);
    const config = emptySite(build);
    expect((await answerOf("guide/index.html", config)).status).toBe(200);
    expect(build).not.toHaveBeenCalled();
    const answers = await Promise.all(["api/", "api/index.html", "preview.png"].map((path) => answerOf(path, config)));
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual([
      ...["the reference", "the reference", "the picture"],
    ]);
    expect((await answerOf("api/none.html", config)).status).toBe(404);
    expect(build).toHaveBeenCalledTimes(1);
  });

  test("says why it cannot be built, and is built when it is asked for again", async () => {
    const build = vi.fn(write).mockRejectedValueOnce(new Error("a comment is missing"));
    const config = emptySite(build);
    const failed = await answerOf("api/index.html", config);
    expect(failed.status).toBe(500);
    expect(await failed.text()).toContain("a comment is missing");
    expect(await (await answerOf("api/index.html", config)).text()).toBe("the reference");
  });
});

describe("with SITE_ADDRESS", () => {
  const headIn = (html: string): Record<string, string | undefined> => ({
    canonical: /<link rel="canonical" href="([^"]*)">/.exec(html)?.[1],
    url: /<meta property="og:url" content="([^"]*)">/.exec(html)?.[1],
    image: /<meta property="og:image" content="([^"]*)">/.exec(html)?.[1],
  });
  const image = "https://example.org/rmsprop/preview.png";

  test.each([
    ["index.html", ""],
    [NAN_PATH, NAN_PATH],
    ["guide/index.html", "guide/"],
    ["guide/numbers.html", "guide/numbers.html"],
  ])("the head of %s has its own address, and that of the picture", async (path, own) => {
    // With and without the slash at its end.
    vi.stubEnv("SITE_ADDRESS", own === "" ? "https://example.org/rmsprop" : "https://example.org/rmsprop/");
    const address = `https://example.org/rmsprop/${own}`;
    expect(headIn(await (await answerOf(path)).text())).toEqual({ canonical: address, url: address, image });
  });

  test.each(["example.org/rmsprop", "ftp://example.org"])("%s is refused, as it is no address of a site", (address) => {
    vi.stubEnv("SITE_ADDRESS", address);
    expect(guideFiles).toThrow("SITE_ADDRESS must be the address of the site");
  });

  test("left out, addresses are relative", async () => {
    vi.stubEnv("SITE_ADDRESS", "");
    const html = guideFiles().get("guide/numbers.html")?.toString() ?? "";
    expect(headIn(html)).toEqual({ canonical: undefined, url: undefined, image: "../preview.png" });
  });
});
