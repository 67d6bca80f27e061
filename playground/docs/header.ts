// What every page of the site has in its head and on top: title, icon, preview of links, and the header, as the page of the
// playground draws it.
import { INSTALL, PLACES, type PlaceTitle, TAB_TEXTS } from "../src/pages.js";

/** The picture for previews of links, in the site, and its size. */
export const PREVIEW = { path: "preview.png", width: 1200, height: 630 } as const;

/** No script or style but the site's own files. */
const POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; " +
  "object-src 'none'; base-uri 'none'; form-action 'none'";

export const POLICY_TAG: string = `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`;

/** What a browser must know before anything else. */
export const SETTINGS: string = `<meta charset="utf-8">
${POLICY_TAG}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">`;

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
  const site = siteAddress();
  const own = site && new URL(path.replace(/(^|\/)index\.html$/, "$1"), site).href;
  const picture = site === null ? address(PREVIEW.path) : new URL(PREVIEW.path, site).href;
  const properties: readonly (readonly [string, string])[] = [
    ["og:type", "website"],
    ["og:site_name", "rmsprop"],
    ["og:title", title],
    ["og:description", description],
    ["og:image", picture],
    ["og:image:width", String(PREVIEW.width)],
    ["og:image:height", String(PREVIEW.height)],
    ["og:image:alt", "The paths of RMSprop and SGD on the same slope: RMSprop goes straight, SGD to and fro."],
    ...(own === null ? [] : [["og:url", own] as const]),
  ];
  return [
    `<title>${escaped(title)}</title>`,
    `<meta name="description" content="${escaped(description)}">`,
    `<link rel="icon" href="${address("favicon.svg")}" type="image/svg+xml">`,
    ...properties.map(([name, content]) => `<meta property="${name}" content="${escaped(content)}">`),
    '<meta name="twitter:card" content="summary_large_image">',
    ...(own === null ? [] : [`<link rel="canonical" href="${own}">`]),
  ].join("\n");
}

/** Where the site will be, such as `https://example.org/rmsprop/`. Without it, addresses in heads stay relative. */
function siteAddress(): URL | null {
  const { SITE_ADDRESS: text = "" } = process.env;
  if (text === "") return null;
  const address = text.replace(/\/?$/, "/");
  if (/^https?:/.test(address) && URL.canParse(address)) return new URL(address);
  throw new Error(
    `SITE_ADDRESS must be the address of the site; received ${text}. Write it as https://example.org/rmsprop/.`,
  );
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
