// A static server for one page, with the headers that a case asks for.
import { createReadStream, existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

/** How a site is served. */
export interface Serving {
  /** Sent with every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Paths that are answered with 404, though the file is there. */
  readonly missing?: RegExp;
  /** Paths that are answered with this script instead of the file. */
  readonly replaced?: { readonly path: RegExp; readonly script: string };
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
};

/** Serves a folder on a free port of this machine; `origin` is its address. */
export async function serve(
  folder: string,
  serving: Serving,
): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const server = createSite(folder, serving);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a server that listens on a port has one
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function createSite(folder: string, { headers = {}, missing, replaced }: Serving): Server {
  return createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    const file = join(folder, path);
    const type = TYPES[extname(file)];
    if (missing?.test(path) || type === undefined || !existsSync(file)) {
      response.writeHead(404, headers).end();
      return;
    }
    response.writeHead(200, { ...headers, "Content-Type": type });
    if (replaced?.path.test(path)) response.end(replaced.script);
    else createReadStream(file).pipe(response);
  });
}
