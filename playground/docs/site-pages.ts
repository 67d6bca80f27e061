// The two pages that Vite builds, in the frame of the site: their heads, and for the page about NaN its header, its numbers and
// its code in colours.
import { posix } from "node:path";
import type { IndexHtmlTransformContext, Plugin } from "vite";
import { withNumbers } from "../src/nan/told.js";
import { headerOf, headOf, SETTINGS } from "./header.js";
import { highlight } from "./markdown.js";

const HEADER = "<!--header-->";
const TITLE = /\s*<title>(.*?)<\/title>/s;
const DESCRIPTION = /\s*<meta\s+name="description"\s+content="([^"]*)"\s*\/>/s;
const CODE = /<pre data-language="(\w+)">\n?(.*?)<\/pre\s*>/gs;
/** A link to another page of the site, which Vite does not look for. */
const LINK = /%([\w/]+\.html)%/g;

export const sitePages: Plugin = {
  name: "site-pages",
  transformIndexHtml: {
    // After Vite has found the page's own files: those of the site's other parts are not its own.
    order: "post",
    handler: framed,
  },
};

function framed(html: string, { path }: IndexHtmlTransformContext): string {
  const page = path.replace(/^\//, "");
  const address = (target: string): string => posix.relative(posix.dirname(page), target);
  const text = html.includes("{{") ? withNumbers(html) : html;
  const [, title = ""] = TITLE.exec(text) ?? [];
  const [, description = ""] = DESCRIPTION.exec(text) ?? [];
  if (title === "" || description === "") throw new Error(`${page} must have a title and a description. Write them.`);
  const head = headOf({ title, description, path: page, address });
  return text
    .replace("<head>", () => `<head>\n${SETTINGS}`)
    .replace(DESCRIPTION, "")
    .replace(TITLE, () => `\n${head}`)
    .replace(HEADER, () => headerOf({ address, here: null }))
    .replace(LINK, (_, target: string) => address(target))
    .replace(CODE, (_, language: string, code: string) => {
      const colored = highlight(code.trimEnd().replaceAll("&lt;", "<").replaceAll("&amp;", "&"), language);
      return `<pre tabindex="0"><code>${colored}</code></pre>`;
    });
}
