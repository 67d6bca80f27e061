// The optimizers that have code, in groups: those of the other tabs as they are set, and every one of the package.
import { runsOf } from "../explain/runs.js";
import { INITIAL, MAX_RUNS, type PageState, type RunSettings, titleOf } from "../settings.js";
import { LIBRARY } from "./library.js";
import { libraryProgram } from "./program.js";
import { programTexts, snippetsOf } from "./snippets.js";

export interface Choice {
  /** In the address. */
  readonly word: string;
  readonly title: string;
  texts(): Readonly<Record<string, string>>;
}

export interface Group {
  readonly title: string;
  readonly choices: readonly Choice[];
}

/** All words that an address may have, whether there are so many optimizers or not. */
export const CODE_WORDS: readonly (string | null)[] = [
  ...[1, 2].map((number) => `explain${number}`),
  ...Array.from({ length: MAX_RUNS }, (_, i) => `landscape${i + 1}`),
  ...[1, 2].map((number) => `digits${number}`),
  ...Object.keys(LIBRARY),
];

export function groupsOf(state: PageState): readonly Group[] {
  return [
    { title: "Explain", choices: runChoices("explain", runsOf(state.explain)) },
    { title: "Landscape", choices: runChoices("landscape", state.runs) },
    { title: "Digits", choices: runChoices("digits", state.digits.contestants) },
    { title: "All optimizers, with Keras' defaults", choices: Object.keys(LIBRARY).map(libraryChoice) },
  ];
}

/** The chosen one, or one that was set: the first of the Landscape where it is not as it opens, or the first of all. */
export function chosenOf(
  groups: readonly Group[],
  { code, runs }: PageState,
): { readonly group: string; readonly choice: Choice } {
  const all = groups.flatMap(({ title, choices }) => choices.map((choice) => ({ group: title, choice })));
  const isSet = JSON.stringify(runs) !== JSON.stringify(INITIAL.runs);
  const word = code ?? (isSet ? "landscape1" : null);
  // The first tab always has its two.
  return all.find(({ choice }) => choice.word === word) ?? (all[0] as (typeof all)[number]);
}

function runChoices(stem: string, runs: readonly RunSettings[]): readonly Choice[] {
  return runs.map((run, i) => ({
    ...{ word: `${stem}${i + 1}`, title: `${i + 1}. ${titleOf(run)}` },
    texts: () => snippetsOf(run),
  }));
}

function libraryChoice(className: string): Choice {
  const program = libraryProgram(className);
  return { word: className, title: className, texts: () => (program ? programTexts(program) : {}) };
}
