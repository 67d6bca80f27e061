// The site while it is developed: no link of its header is dead, the API reference included.
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NAN_PATH, PLACES } from "../../playground/src/pages.js";

let server: ViteDevServer | null = null;
beforeAll(async () => {
  server = await createServer({ root: "playground", configFile: "playground/vite.config.ts", server: { port: 0 } });
  await server.listen();
});
afterAll(() => server?.close());

const PAGES = ["index.html", NAN_PATH, ...PLACES.map(({ path }) => path.replace(/#.*/, ""))];

test.each(PAGES)("%s is served, as a page of the site", async (path) => {
  const [address = ""] = server?.resolvedUrls?.local ?? [];
  const response = await fetch(`${address}${path}`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("text/html");
  const html = await response.text();
  if (path !== "index.html") expect(html).toContain('<header class="site">');
  expect(html).not.toContain("{{");
});
