// The Python that the playground prints, run by real Keras: accepted, and with the config that this package has.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { PythonError } from "./python.js";

const SCRIPT = fileURLToPath(new URL("./snippets.py", import.meta.url));
/** `playground/src/code/snippets.test.ts` writes it, and compares it in every `npm test`. */
const FILE = fileURLToPath(new URL("../../playground/src/code/snippets.snap", import.meta.url));

interface Snippet {
  readonly name: string;
  readonly python: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** How many there are, and for each that Keras refuses or understands otherwise, a text that says so. */
export function checkSnippets(python: string): { readonly count: number; readonly failures: readonly string[] } {
  const snippets = JSON.parse(readFileSync(FILE, "utf8")) as Snippet[];
  const input = JSON.stringify(snippets.map((snippet) => snippet.python));
  const { status, stdout, stderr } = spawnSync(python, ["-B", SCRIPT], { input, encoding: "utf8" });
  if (status !== 0) throw new PythonError(`snippets.py ended with ${status}:\n${stderr}`);
  const results = JSON.parse(stdout) as (Readonly<Record<string, unknown>> | string)[];
  const failures = snippets.flatMap(({ name, python: text, config }, i) => {
    const result = results[i];
    if (typeof result === "string" || result === undefined) return [`${name}: ${result}\n${text}`];
    // Without a name in the snippet, Keras makes up one.
    const received = text.includes("    name=") ? result : { ...result, name: config.name };
    if (isDeepStrictEqual(received, config)) return [];
    return [`${name}: Keras has ${JSON.stringify(received)}, this package ${JSON.stringify(config)}\n${text}`];
  });
  return { count: snippets.length, failures };
}
