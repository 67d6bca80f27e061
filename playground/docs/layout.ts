// The frame around a page's text: where one is, what comes before and after.

import { headerOf, headOf, SETTINGS } from "./header.js";
import type { Rendered } from "./markdown.js";
import { GUIDE, type GuidePage, pathInSite } from "./pages.js";

/** What the frame needs to know of a page. */
export interface Framed extends Rendered {
  readonly source: string;
  /** The address of a path of the site, seen from this page. */
  address(path: string): string;
}

/** A whole page. */
export function framed(page: Framed): string {
  const { html, description, source, address } = page;
  const title = page.title === "rmsprop" ? "rmsprop: the guide" : `${page.title} - rmsprop`;
  return `<!doctype html>
<html lang="en">
<head>
${SETTINGS}
${headOf({ title, description, path: pathInSite(source), address })}
<link rel="stylesheet" href="${address("guide/guide.css")}">
<script async src="${address("guide/offline.js")}"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
${headerOf({ address, here: "Guide" })}
<div class="columns">
<nav class="pages" aria-label="Guide" tabindex="0">
<details>
<summary>Pages of the guide</summary>
${list(page)}
</details>
</nav>
<main id="content">
${html}${neighbours(page)}</main>
</div>
</body>
</html>
`;
}

function list(page: Framed): string {
  const items = GUIDE.map((each) => {
    const here = each.source === page.source;
    const current = here ? ' aria-current="page"' : "";
    return `<li><a href="${page.address(pathInSite(each.source))}"${current}>${each.title}</a>${here ? parts(page) : ""}</li>`;
  });
  return `<ul>\n${items.join("\n")}\n</ul>`;
}

function parts({ headings }: Framed): string {
  const items = headings.map(({ id, html }) => `<li><a href="#${id}">${html}</a></li>`);
  return items.length === 0 ? "" : `\n<ul>\n${items.join("\n")}\n</ul>`;
}

function neighbours({ source, address }: Framed): string {
  const i = GUIDE.findIndex((page) => page.source === source);
  if (i < 0) return "";
  const link = (page: GuidePage | undefined, rel: string, label: string): string =>
    page
      ? `<a rel="${rel}" href="${address(pathInSite(page.source))}"><small>${label}</small> ${page.title}</a>\n`
      : "";
  const links = link(GUIDE[i - 1], "prev", "Previous") + link(GUIDE[i + 1], "next", "Next");
  return `<nav class="neighbours" aria-label="Previous and next page">\n${links}</nav>\n`;
}
