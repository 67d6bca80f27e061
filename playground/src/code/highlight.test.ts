// Programs in colours: every program stays itself, and its parts are what they look like.
import { expect, test } from "vitest";
import { settingsOf } from "../settings.js";
import { type Token, tokensOf } from "./highlight.js";
import { LIBRARY } from "./library.js";
import { libraryProgram } from "./program.js";
import { programTexts, snippetsOf } from "./snippets.js";

const RUNS = [
  { ...settingsOf("rmsprop", { name: 'a "quoted" name: 1 = 2', centered: true }), schedule: "CosineDecay" as const },
  settingsOf("tfjs"),
];
const PROGRAMS = [
  ...RUNS.map(snippetsOf),
  ...Object.keys(LIBRARY).map((name) =>
    programTexts(libraryProgram(name) ?? { className: "", args: [], schedule: null }),
  ),
].flatMap((texts) => Object.entries(texts));

const languageOf = (title: string) => (title.startsWith("Python") ? "Python" : "TypeScript");
const ofKind = (tokens: readonly Token[], kind: Token["kind"]): string[] =>
  tokens.filter((token) => token.kind === kind).map(({ text }) => text);

test("the parts of every program are the program", () => {
  expect(PROGRAMS.length).toBeGreaterThan(40);
  for (const [title, text] of PROGRAMS) {
    const tokens = tokensOf(text, languageOf(title));
    expect(tokens.map((token) => token.text).join("")).toBe(text);
    expect(tokens.every(({ text }) => text !== "")).toBe(true);
  }
});

test("TypeScript in its parts", () => {
  const tokens = tokensOf(
    'import { A } from "x: 1";\nconst a = new A({ rate: -1e-7, on: true });\ntf.tensor1d([1]);',
    "TypeScript",
  );
  expect(ofKind(tokens, "keyword")).toEqual(["import", "from", "const", "new", "true"]);
  expect(ofKind(tokens, "string")).toEqual(['"x: 1"']);
  expect(ofKind(tokens, "number")).toEqual(["-1e-7", "1"]);
  expect(ofKind(tokens, "argument")).toEqual(["rate", "on"]);
  expect(ofKind(tokens, "call")).toEqual(["A", "tensor1d"]);
});

test("Python in its parts", () => {
  const tokens = tokensOf(
    'import keras\n\no = keras.A(\n    beta_1=0.9,\n    name="a \\"b\\"",\n    x=None,\n)',
    "Python",
  );
  expect(ofKind(tokens, "keyword")).toEqual(["import", "None"]);
  expect(ofKind(tokens, "string")).toEqual(['"a \\"b\\""']);
  expect(ofKind(tokens, "number")).toEqual(["0.9"]);
  expect(ofKind(tokens, "argument")).toEqual(["beta_1", "name", "x"]);
  expect(ofKind(tokens, "call")).toEqual(["A"]);
});
