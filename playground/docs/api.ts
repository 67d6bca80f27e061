// The API reference: what the package's entry points export, by TypeDoc, under the site's policy.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, PageEvent, RendererEvent, type TypeDocOptions } from "typedoc";
import manifest from "../../package.json" with { type: "json" };
import { POLICY } from "./layout.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const OPTIONS: Partial<TypeDocOptions> = {
  name: `rmsprop ${manifest.version}`,
  entryPoints: entryPoints(),
  tsconfig: join(ROOT, "tsconfig.build.json"),
  readme: "none",
  disableGit: true,
  disableSources: true,
  excludeInternal: true,
  excludeExternals: true,
  hideGenerator: true,
  includeVersion: false,
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: ["Module", "Namespace", "Class", "Interface", "Function", "TypeAlias", "Variable", "Method"],
  // Helpers of one type, which say less by name than where they stand.
  intentionallyNotExported: ["Widened", "Constructible", "Round"],
  treatWarningsAsErrors: true,
};

/** Writes the reference into a folder. Throws an Error when a type or a comment is missing; which one has been printed. */
export async function writeApi(folder: string): Promise<void> {
  const app = await Application.bootstrap(OPTIONS);
  app.renderer.on(PageEvent.END, underPolicy);
  app.renderer.on(RendererEvent.END, ({ outputDirectory }) => {
    mkdirSync(join(outputDirectory, "assets"), { recursive: true });
    writeFileSync(join(outputDirectory, "assets", "theme.js"), THEME);
  });
  const project = await app.convert();
  if (project) app.validate(project);
  if (project && !app.logger.hasErrors() && !app.logger.hasWarnings()) await app.generateDocs(project, folder);
  if (app.logger.hasErrors() || app.logger.hasWarnings())
    throw new Error("The API reference is not complete; see above.");
}

/** The source of every entry point of the package. */
function entryPoints(): string[] {
  const built = Object.values(manifest.exports).flatMap((entry) => (typeof entry === "string" ? [] : [entry.default]));
  return built.map((path) => join(ROOT, path.replace(/^\.\/dist\/(.*)\.js$/, "src/$1.ts")));
}

/** The reader's choice of light and dark, before the page is drawn. */
const THEME = 'document.documentElement.dataset.theme = localStorage.getItem("tsd-theme") || "os";\n';
const INLINE = /<script>document\.documentElement\.dataset\.theme.*?<\/script>/;
const HEAD = '<meta charset="utf-8"/>';

/** Moves the page's only script of its own into a file, states the policy, and links to the rest of the site. */
function underPolicy(page: PageEvent): void {
  const html = page.contents ?? "";
  const base = posix.relative(posix.dirname(page.url), ".") || ".";
  const links = [
    ["Playground", "../index.html"],
    ["Guide", "../guide/index.html"],
  ].map(([title, path]) => `<a href="${base}/${path}">${title}</a>`);
  page.contents = swap(html, HEAD, `${HEAD}<meta http-equiv="Content-Security-Policy" content="${POLICY}"/>`);
  page.contents = swap(page.contents, INLINE, `<script src="${base}/assets/theme.js"></script>`);
  page.contents = swap(
    page.contents,
    '<div id="tsd-toolbar-links">',
    `<div id="tsd-toolbar-links">${links.join("\n")}`,
  );
}

function swap(html: string, part: string | RegExp, replacement: string): string {
  const swapped = html.replace(part, () => replacement);
  if (swapped === html) throw new Error(`TypeDoc's pages must hold ${part}. Look at what this version of it writes.`);
  return swapped;
}
