// Links of a site, and those that lead nowhere.
import { posix } from "node:path";

/** The files of a site: what is in each, or null for one that is known to be there and is not looked into. */
export type Site = ReadonlyMap<string, string | null>;

/** Every link within the site that has no file or no place in it, as "page -> link". */
export function deadLinks(site: Site): string[] {
  return [...site].flatMap(([page, html]) =>
    page.endsWith(".html") && html !== null
      ? linksOf(html)
          .filter((link) => isDead(site, page, link))
          .map((link) => `${page} -> ${link}`)
      : [],
  );
}

/** The addresses that a page links to or loads. */
export function linksOf(html: string): string[] {
  return [...html.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, link = ""]) => link.replaceAll("&amp;", "&"));
}

function isDead(site: Site, page: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return false;
  const [path = "", fragment = ""] = link.split("#").map(decodeURI);
  const target = path === "" ? page : posix.join(posix.dirname(page), path);
  const html = site.get(target);
  if (html === undefined) return true;
  if (fragment.includes("=")) return false; // what a page shows, not a place on it
  // Pictures in a file of symbols are named by their fragment, too.
  return fragment !== "" && html !== null && !html.includes(`id="${fragment}"`);
}
