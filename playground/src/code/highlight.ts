// Code in parts that are coloured alike: enough of TypeScript and of Python for the programs of this tab. A library would be
// larger than the rest of the tab.

/** A part of a program; what needs no colour has the kind "". */
export interface Token {
  readonly kind: "" | "string" | "number" | "keyword" | "argument" | "call";
  readonly text: string;
}

const STRING = String.raw`(?<string>"(?:[^"\\]|\\.)*")`;
const NUMBER = String.raw`(?<number>(?<![\w$.])-?\d[\d.]*(?:e[+-]?\d+)?)`;
const CALL = String.raw`(?<call>\b\w+(?=\())`;

const LANGUAGES = {
  TypeScript: String.raw`(?<keyword>\b(?:import|from|const|new|await|as|null|true|false)\b)|(?<argument>\b\w+(?=: ))`,
  Python: String.raw`(?<keyword>\b(?:import|None|True|False)\b)|(?<argument>\b\w+(?==))`,
};

/** The parts of a program, which together are its text. */
export function tokensOf(text: string, language: keyof typeof LANGUAGES): readonly Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(new RegExp([STRING, NUMBER, LANGUAGES[language], CALL].join("|"), "g"))) {
    if (match.index > end) tokens.push({ kind: "", text: text.slice(end, match.index) });
    // One of the groups, which have the names of kinds, has matched.
    const kind = Object.entries(match.groups ?? {}).find(([, part]) => part !== undefined)?.[0] as Token["kind"];
    tokens.push({ kind, text: match[0] });
    end = match.index + match[0].length;
  }
  return end < text.length ? [...tokens, { kind: "", text: text.slice(end) }] : tokens;
}
