// The API reference: what the package's entry points export, by TypeDoc, under the site's policy.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import {
  Application,
  DefaultTheme,
  type NavigationElement,
  PageEvent,
  type ProjectReflection,
  RendererEvent,
  type TypeDocOptions,
} from "typedoc";
import { ENTRY_POINTS } from "../../entry-points.js";
import manifest from "../../package.json" with { type: "json" };
import { POLICY } from "./layout.js";

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
  // Addresses within the site, which differ from page to page.
  navigationLinks: { Playground: "site:index.html", Guide: "site:guide/index.html" },
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
  app.renderer.on(RendererEvent.END, ({ outputDirectory }) => {
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

// What the policy refuses in TypeDoc's pages: reference.js takes its place.
const INLINE = /<script>document\.documentElement\.dataset\.theme.*?<\/script>/;
const STYLE_ELEMENT = 'document.head.appendChild(document.createElement("style"))';
const HEAD = '<meta charset="utf-8"/>';

// A heading that folds its section has a link to itself; the list of the page's contents has it, too.
const LINK_IN_HEADING =
  /(<summary class="tsd-accordion-summary"(?:(?!<\/summary>).)*?)<a href="#[^>]*class="tsd-anchor-icon">.*?<\/a>/gs;

/** States the policy and keeps it, and links to the rest of the site. */
function underPolicy(page: PageEvent): void {
  const html = page.contents ?? "";
  const base = posix.relative(posix.dirname(page.url), ".") || ".";
  const policy = `<meta http-equiv="Content-Security-Policy" content="${POLICY}"/>`;
  page.contents = swap(
    html,
    HEAD,
    `${HEAD}${policy}<link rel="icon" href="${base}/../favicon.svg" type="image/svg+xml"/>`,
  );
  page.contents = swap(page.contents, INLINE, `<script src="${base}/assets/reference.js"></script>`);
  page.contents = swap(page.contents, /href="site:/g, `href="${base}/../`);
  page.contents = page.contents.replace(LINK_IN_HEADING, "$1");
}

function swap(html: string, part: string | RegExp, replacement: string): string {
  const swapped = html.replace(part, () => replacement);
  if (swapped === html) throw new Error(`TypeDoc's files must hold ${part}. Look at what this version of it writes.`);
  return swapped;
}
