// Commands of the guide: whether the scripts and packages that they name exist.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./blocks.js";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

// The package's own file.
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
/** What `npm pack` makes, beside a project. */
const TARBALL = `../${manifest.name}/${manifest.name}-${manifest.version}.tgz`;
const packages = [
  manifest.name,
  TARBALL,
  ...Object.keys({ ...manifest.peerDependencies, ...manifest.devDependencies }),
];

/** npm's own short names of scripts. */
const SHORT = ["start", "test"];

/** The kinds of commands: what a command of the kind names, and whether there is such a thing. */
const KINDS: readonly { readonly pattern: RegExp; readonly known: readonly string[] }[] = [
  { pattern: /^npm run ([\w:-]+)/, known: Object.keys(manifest.scripts) },
  {
    pattern: /^npm (?!run|install)([\w-]+)/,
    known: ["ci", "pack", ...SHORT.filter((name) => name in manifest.scripts)],
  },
  { pattern: /^npm install (.+)/, known: packages },
  { pattern: /^npx ([\w-]+)/, known: Object.keys(manifest.bin) },
];

/** The commands of a block that do not exist, or name what does not. */
export function inventedIn(code: string): string[] {
  const commands = code.split(/\n|&&/).map((command) => command.replace(/ #.*/, "").trim());
  return commands.filter((command) => command !== "" && !KINDS.some((kind) => fits(command, kind)));
}

function fits(command: string, { pattern, known }: (typeof KINDS)[number]): boolean {
  const [, names] = pattern.exec(command) ?? [];
  return names?.split(" ").every((name) => known.includes(name)) ?? false;
}

/** The scripts that a text names anywhere, as `npm run NAME`, and that do not exist. */
export function missingScripts(text: string): string[] {
  const names = [...text.matchAll(/npm run\s+(?:-- )?([\w:-]+)/g)].map(([, name = ""]) => name);
  return names.filter((name) => !(name in manifest.scripts));
}
