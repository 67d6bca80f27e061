// The entry points of the package, as the `exports` of package.json list them. Tests, page and tools find them here.
import { fileURLToPath } from "node:url";
import manifest from "./package.json" with { type: "json" };

interface EntryPoint {
  /** As users import it, such as `"rmsprop/tfjs"`. */
  readonly name: string;
  /** Its module below `src` and `dist`, without the extension, such as `"tfjs/index"`. */
  readonly module: string;
}

interface Alias {
  readonly find: RegExp;
  readonly replacement: string;
}

export const ENTRY_POINTS: readonly EntryPoint[] = Object.entries(manifest.exports).flatMap(([path, entry]) =>
  typeof entry === "string" ? [] : [{ name: manifest.name + path.slice(1), module: moduleOf(entry.default) }],
);

/** Where the faces are in the sources, or in what was built of them; that of plain numbers is `core`. */
export function entriesIn(folder: "src" | "dist"): { readonly core: Alias; readonly others: readonly Alias[] } {
  const extension = folder === "src" ? "ts" : "js";
  const [core, ...others] = ENTRY_POINTS.map(({ name, module }) => ({
    find: new RegExp(`^${name}$`),
    replacement: fileURLToPath(new URL(`./${folder}/${module}.${extension}`, import.meta.url)),
  }));
  if (core === undefined) throw new Error("package.json exports nothing.");
  return { core, others };
}

/** What tests on Node have for "#gradients" of package.json: Vite would take what is there for bundles. */
export const NO_GRADIENTS: Alias = {
  find: /^#gradients$/,
  replacement: fileURLToPath(new URL("./src/tfjs/no-gradients.ts", import.meta.url)),
};

function moduleOf(built: string): string {
  return built.replace(/^\.\/dist\/(.*)\.js$/, "$1");
}
