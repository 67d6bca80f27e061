// The guide as files of the site: its pages, and every file of the repository that a page links to, so that no link is dead.
import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { framed } from "./layout.js";
import { type Rendered, renderCode, renderMarkdown } from "./markdown.js";
import { GUIDE, isBuilt, isPicture, pathInSite } from "./pages.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const STYLES = ["src/base.css", "src/header.css", "src/highlight.css", "docs/guide.css"].map(
  (name) => `playground/${name}`,
);

/** All files of the guide by their path in the site. Throws an Error that names the page when a link leads nowhere. */
export function guideFiles(): Map<string, string | Buffer> {
  const files = new Map<string, string | Buffer>();
  files.set("guide/guide.css", STYLES.map(textOf).join("\n"));
  const sources = GUIDE.map(({ source }) => source);
  files.set("guide/offline.js", textOf("playground/docs/offline.js"));
  // Grows while pages link to files that are not in it.
  for (const source of sources) {
    const { content, links } = fileOf(source);
    files.set(pathInSite(source), content);
    sources.push(...links.filter((link) => !sources.includes(link)));
  }
  // For the service worker, which keeps the guide whole.
  const kept = [...files.keys()].filter((path) => path.startsWith("guide/") || isPicture(path));
  files.set("guide/files.json", JSON.stringify(kept));
  return files;
}

interface SiteFile {
  readonly content: string | Buffer;
  /** The files of the repository that it links to, each once. */
  readonly links: readonly string[];
}

function fileOf(source: string): SiteFile {
  if (isPicture(source)) return { content: readFileSync(`${ROOT}/${source}`), links: [] };
  const links = new Set<string>();
  const address = (path: string): string => addressFrom(pathInSite(source), path);
  const resolve = (link: string): string => {
    if (/^([a-z]+:|#)/.test(link)) return link;
    const [path = "", fragment] = link.split("#");
    const target = targetOf(source, path);
    if (!isBuilt(target)) links.add(target);
    return address(pathInSite(target)) + (fragment === undefined ? "" : `#${fragment}`);
  };
  const text = textOf(source);
  const isMarkdown = extname(source) === ".md";
  const rendered = isMarkdown ? renderMarkdown(text, resolve) : fileAsPage(source, text);
  return { content: framed({ ...rendered, source, address }), links: [...links] };
}

function fileAsPage(source: string, text: string): Rendered {
  const html = `<h1>${source}</h1>\n${renderCode(text, extname(source).slice(1))}`;
  return { title: source, description: `${source}, a file of the package rmsprop.`, html, headings: [] };
}

/** The file that a link of a page means; of a folder, its README. */
function targetOf(source: string, path: string): string {
  const target = posix.join(posix.dirname(source), path);
  const file = existsSync(`${ROOT}/${target}`) && statSync(`${ROOT}/${target}`).isDirectory();
  const found = file ? posix.join(target, "README.md") : target;
  if (found.startsWith("..") || !existsSync(`${ROOT}/${found}`)) {
    throw new Error(`${source}: a link must lead to a file of the repository; received ${path}. Mend the link.`);
  }
  return found;
}

function addressFrom(page: string, path: string): string {
  return posix.relative(posix.dirname(page), path);
}

function textOf(source: string): string {
  return readFileSync(`${ROOT}/${source}`, "utf8");
}
