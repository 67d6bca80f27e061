// The API reference: what the package's entry points export, by TypeDoc, under the site's policy.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import {
  Application,
  Converter,
  DeclarationReflection,
  DefaultTheme,
  IntrinsicType,
  type NavigationElement,
  PageEvent,
  type ProjectReflection,
  type Reflection,
  RendererEvent,
  type TypeDocOptions,
} from "typedoc";
import { ENTRY_POINTS } from "../../entry-points.js";
import manifest from "../../package.json" with { type: "json" };
import { headerOf, headOf, POLICY_TAG } from "./header.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const OPTIONS: Partial<TypeDocOptions> = {
  name: `rmsprop ${manifest.version}`,
  entryPoints: ENTRY_POINTS.map(({ module }) => join(ROOT, `src/${module}.ts`)),
  tsconfig: join(ROOT, "tsconfig.build.json"),
  readme: "none",
  disableGit: true,
  disableSources: true,
  excludeInternal: true,
  excludeExternals: true,
  hideGenerator: true,
  useFirstParagraphOfCommentAsSummary: true,
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: ["Module", "Namespace", "Class", "Interface", "Function", "TypeAlias", "Variable", "Method"],
  // Helpers of one type, which say less by name than where they stand.
  intentionallyNotExported: [
    ...["Constructible", "OnDevice", "OnEngine", "Value", "OptionFor"],
    ...["OptimizersByPath", "OptimizersByPattern", "MapOrFunction", "TransformationChoice"],
  ],
  logLevel: "Warn",
  theme: "site",
};

/** TypeDoc's own theme, without links in what folds a list: a screen reader tells nobody of them. */
class SiteTheme extends DefaultTheme {
  override buildNavigation(project: ProjectReflection): NavigationElement[] {
    return super.buildNavigation(project).map(linkedWithin);
  }
}

/** An entry of the navigation whose link is the first one of its list. */
function linkedWithin({ path, children, ...entry }: NavigationElement): NavigationElement {
  if (children === undefined) return { ...entry, ...(path !== undefined && { path }) };
  const list = children.map(linkedWithin);
  return { ...entry, children: path === undefined ? list : [{ ...entry, path }, ...list] };
}

/** Writes the reference into a folder. Throws an Error when a type or a comment is missing; which one has been printed. */
export async function writeApi(folder: string): Promise<void> {
  const app = await Application.bootstrap(OPTIONS);
  app.renderer.defineTheme("site", SiteTheme);
  app.renderer.on(PageEvent.END, underPolicy);
  app.renderer.on(PageEvent.END, inFrame);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const each of Object.values(project.reflections)) if (isInternal(each)) project.removeReflection(each);
  });
  app.renderer.on(RendererEvent.END, ({ outputDirectory }) => {
    const styles = STYLES.map((name) => readFileSync(join(ROOT, name), "utf8"));
    writeFileSync(join(outputDirectory, "assets/site.css"), styles.join("\n"));
    const script = join(outputDirectory, "assets/main.js");
    writeFileSync(script, swap(readFileSync(script, "utf8"), STYLE_ELEMENT, "styleElement()"));
    copyFileSync(join(ROOT, "playground/docs/reference.js"), join(outputDirectory, "assets/reference.js"));
  });
  const project = await app.convert();
  if (project) app.validate(project);
  const complete = !app.logger.hasErrors() && !app.logger.hasWarnings();
  if (!project || !complete) throw new Error("The API reference is not complete. Mend what is listed above.");
  await app.generateDocs(project, folder);
}

/**
 * What is exported or public for the sake of others: `[toStringTag]` of Vue, which asks what it may wrap; the rest of the types of
 * this package, which give options their own names (`optimizer.rho`, where `hyper` has all of them).
 */
const INTERNAL = /^(\[toStringTag\]|hyper|followsFormula|prototype|namesake|Namesake|[A-Za-z]*Hyper)$/;

/** A method that only throws tells whoever calls it why. */
function isInternal(each: Reflection): boolean {
  const returns = each instanceof DeclarationReflection ? each.signatures?.map(({ type }) => type) : undefined;
  const isRefused = returns?.some((type) => type instanceof IntrinsicType && type.name === "never") ?? false;
  return isRefused || INTERNAL.test(each.name);
}

const STYLES = ["playground/src/header.css", "playground/docs/api.css"];

// What the policy refuses in TypeDoc's pages: reference.js takes its place.
const INLINE = /<script>document\.documentElement\.dataset\.theme.*?<\/script>/;
const STYLE_ELEMENT = 'document.head.appendChild(document.createElement("style"))';
const HEAD = '<meta charset="utf-8"/>';

// A heading that folds its section has a link to itself; the list of the page's contents has it, too.
const LINK_IN_HEADING =
  /(<summary class="tsd-accordion-summary"(?:(?!<\/summary>).)*?)<a href="#[^>]*class="tsd-anchor-icon">.*?<\/a>/gs;

/** States the policy and keeps it. */
function underPolicy(page: PageEvent): void {
  const base = posix.relative(posix.dirname(page.url), ".") || ".";
  const html = swap(page.contents ?? "", HEAD, `${HEAD}${POLICY_TAG}`);
  page.contents = swap(html, INLINE, `<script src="${base}/assets/reference.js"></script>`).replace(
    LINK_IN_HEADING,
    "$1",
  );
}

const [TOOLBAR, TOOLBAR_END] = ['<header class="tsd-page-toolbar">', "</header>"];
const [CONTENT, CONTENT_END] = ['<div class="col-content">', /<\/div>\s*<div class="col-sidebar">/];
const TITLE_AND_DESCRIPTION = /<title>(.*?)<\/title><meta name="description"[^>]*>/;

/** The head and header of the rest of the site, above TypeDoc's own bar, and its text as what the page is about. */
function inFrame(page: PageEvent): void {
  const address = (path: string): string => posix.relative(posix.dirname(`api/${page.url}`), path);
  const title = `${page.model.name} - rmsprop API`;
  const said = "comment" in page.model ? page.model.comment?.summary.map(({ text }) => text).join("") : undefined;
  const description = said?.split("\n\n")[0] || "What the package rmsprop exports: classes, functions and types.";
  const head = headOf({ title, description, path: `api/${page.url}`, address });
  const style = `<link rel="stylesheet" href="${address("api/assets/site.css")}">`;
  let html = swap(page.contents ?? "", TITLE_AND_DESCRIPTION, head);
  html = swap(html, "</head>", `${style}</head>`);
  html = swap(html, TOOLBAR_END, "</div>");
  html = swap(html, TOOLBAR, `${headerOf({ address, here: "API" })}<div class="tsd-page-toolbar">`);
  html = swap(html, CONTENT, '<main class="col-content">');
  page.contents = swap(html, CONTENT_END, '</main><div class="col-sidebar">');
}

function swap(html: string, part: string | RegExp, replacement: string): string {
  const swapped = html.replace(part, () => replacement);
  if (swapped === html) throw new Error(`TypeDoc's files must hold ${part}. Look at what this version of it writes.`);
  return swapped;
}
