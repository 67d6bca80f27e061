// The guide and the API reference while the page is developed: the guide made anew for each request, the reference by the
// command that builds it, when it is first asked for.
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Plugin } from "vite";
import { guideFiles } from "./guide.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};

/** `site` is the folder where the reference lies; `build` puts it there. */
export function docsServer(site: string, build: () => Promise<unknown>): Plugin {
  let building: Promise<unknown> | null = null;
  // Once for all that wait for it; after a failure the next request tries again.
  const built = (): Promise<unknown> => {
    building ??= build().finally(() => {
      building = null;
    });
    return building;
  };
  const fileOf = async (path: string): Promise<string | Buffer | undefined> => {
    if (/^(guide|source)\//.test(path)) return guideFiles().get(path);
    if (!/^api\/|^preview\.png$/.test(path)) return undefined;
    if (!existsSync(join(site, "api/index.html"))) await built();
    const file = join(site, path);
    return existsSync(file) ? readFileSync(file) : undefined;
  };
  return {
    name: "serve-docs",
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const path = decodeURI(request.url ?? "")
          .replace(/^\/|[?#].*/g, "")
          .replace(/\/$/, "/index.html");
        fileOf(path).then((file) => {
          if (file === undefined) return next();
          response.setHeader("Content-Type", TYPES[extname(path)] ?? "text/plain");
          response.end(file);
        }, next);
      });
    },
  };
}

/** The site's own, by the command that builds it: a minute of work. */
export const serveDocs: Plugin = docsServer(join(ROOT, "out/site"), () =>
  promisify(execFile)("npm", ["run", "--silent", "docs:build"], { cwd: ROOT }),
);
