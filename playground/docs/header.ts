// What every page of the site has in its head and on top: title, icon, preview of links, and the header, as the page of the
// playground draws it.
import { INSTALL, PLACES, type PlaceTitle, TAB_TEXTS } from "../src/pages.js";

/** Where the site will be, such as `https://example.org/rmsprop/`. Without it, addresses in heads stay relative. */
const SITE = process.env.SITE_ADDRESS?.replace(/\/?$/, "/");

/** The picture for previews of links, in the site, and its size. */
export const PREVIEW = { path: "preview.png", width: 1200, height: 630 } as const;

interface Head {
  readonly title: string;
  readonly description: string;
  /** The page's own path in the site. */
  readonly path: string;
  /** The address of a path of the site, seen from this page. */
  address(path: string): string;
}

/** The title, and what others show of the page: search engines, and whoever shows a preview of a link. */
export function headOf({ title, description, path, address }: Head): string {
  const picture = SITE === undefined ? address(PREVIEW.path) : SITE + PREVIEW.path;
  const properties: readonly (readonly [string, string])[] = [
    ["og:type", "website"],
    ["og:site_name", "rmsprop"],
    ["og:title", title],
    ["og:description", description],
    ["og:image", picture],
    ["og:image:width", String(PREVIEW.width)],
    ["og:image:height", String(PREVIEW.height)],
    ["og:image:alt", "The paths of RMSprop and SGD on the same slope: RMSprop goes straight, SGD to and fro."],
    ...(SITE === undefined ? [] : [["og:url", SITE + path] as const]),
  ];
  return [
    `<title>${escaped(title)}</title>`,
    `<meta name="description" content="${escaped(description)}">`,
    `<link rel="icon" href="${address("favicon.svg")}" type="image/svg+xml">`,
    ...properties.map(([name, content]) => `<meta property="${name}" content="${escaped(content)}">`),
    '<meta name="twitter:card" content="summary_large_image">',
    ...(SITE === undefined ? [] : [`<link rel="canonical" href="${SITE}${path}">`]),
  ].join("\n");
}

/** The header, as HTML; `here` is the place that the page belongs to. */
export function headerOf({ address, here }: { address: Head["address"]; readonly here: PlaceTitle | null }): string {
  const tabs = Object.entries(TAB_TEXTS).map(
    ([name, { title }]) => `<a href="${address("index.html")}#tab=${name}">${title}</a>`,
  );
  const places = PLACES.map(({ title, path }) => {
    const current = title === here ? ' aria-current="true"' : "";
    return `<a href="${address(path)}"${current}>${title}</a>`;
  });
  return `<header class="site">
<a class="brand" href="${address("index.html")}"><img src="${address("favicon.svg")}" alt="" width="22" height="22">rmsprop</a>
<nav class="tabs" aria-label="Playground">${tabs.join("")}</nav>
<nav class="places" aria-label="Site">${places.join("")}</nav>
<code class="install">${INSTALL}</code>
</header>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
