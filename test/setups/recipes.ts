// docs/setups.md as data: what every recipe starts with, and the recipe of each section.
import { readFileSync } from "node:fs";
import { type Block, blocksMarked, ROOT } from "../docs/blocks.js";

/** A part of the page. */
export interface Recipe {
  readonly title: string;
  /** Contents by name: the first line of a file's block is a comment with its name. */
  readonly files: Readonly<Record<string, string>>;
  /** Commands that install what is needed. */
  readonly installs: readonly string[];
  /** Each of the others ends with the line, or serves a page that shows it. */
  readonly commands: readonly string[];
  /** The line; null where it is that of the first part. */
  readonly prints: string | null;
}

/** The first part of the page, and the others. */
export function readRecipes(): { readonly start: Recipe; readonly recipes: readonly Recipe[] } {
  const blocks = blocksMarked("setup");
  const parts = headings().map(({ title, from, to }) =>
    recipeOf(
      title,
      blocks.filter(({ line }) => line > from && line < to),
    ),
  );
  const [start, ...recipes] = parts.filter(({ commands, files }) => commands.length + Object.keys(files).length > 0);
  if (start === undefined) throw new Error("docs/setups.md has no recipes.");
  return { start, recipes };
}

/** The headings of the page, each with the lines between which its part stands. */
function headings(): { readonly title: string; readonly from: number; readonly to: number }[] {
  const lines = readFileSync(`${ROOT}/docs/setups.md`, "utf8").split("\n");
  const found = lines.flatMap((line, i) => (line.startsWith("## ") ? [{ title: line.slice(3), from: i }] : []));
  return [{ title: "", from: 0 }, ...found].map((heading, i) => ({ ...heading, to: found[i]?.from ?? lines.length }));
}

function recipeOf(title: string, blocks: readonly Block[]): Recipe {
  const commands = blocks.filter(({ language }) => language === "sh").map(({ code }) => code);
  const files = blocks.filter(({ language }) => language !== "sh" && language !== "text");
  return {
    title,
    files: Object.fromEntries(files.map(({ code }) => [nameOf(code), code])),
    installs: commands.filter(isInstall),
    commands: commands.filter((command) => !isInstall(command)),
    prints: blocks.find(({ language }) => language === "text")?.code.trim() ?? null,
  };
}

const isInstall = (command: string): boolean => /^npm in(it|stall) /.test(command);

function nameOf(file: string): string {
  const name = /^\W+ ([\w./-]+)/.exec(file)?.[1];
  if (name === undefined) throw new Error(`The first line of a file must be a comment with its name:\n${file}`);
  return name;
}
