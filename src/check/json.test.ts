import { expect, test } from "vitest";
import { JSON_RULES, JsonError, type JsonRules, parseJson } from "./json.js";

/** Limits that are met soon. */
const FEW = { keys: 100, values: 1000 };

test.each([
  "null",
  "true",
  " [ ] ",
  "{}",
  "-0.5e-3",
  '"ä \\" \\\\ \\u00e4 \\n"',
  '"\\ud800 and \\udc00"',
  '{"a":[1,{"b":null}],"constructor":"text"}\n',
  '["\\\\","\\\\\\""]',
  `[${"9".repeat(400)},-${"9".repeat(40)},1e-400]`,
])("reads %s as JSON.parse does", (text) => {
  expect(parseJson(text)).toEqual(JSON.parse(text));
});

test.each([
  ["a key twice", '{"a":1,"a":2}', "key"],
  ["a key twice, once escaped", '{"a":1,"\\u0061":2}', "key"],
  ["__proto__", '{"__proto__":{"x":1}}', "key"],
  ["__proto__, escaped", '{"\\u005f_proto__":{"x":1}}', "key"],
  ["deep nesting", deep(100_000), "depth"],
  ["a long key", `{"${"a".repeat(JSON_RULES.keyLength + 1)}":1}`, "budget"],
  ["many keys", `{${Array.from({ length: FEW.keys + 1 }, (_, i) => `"${i}":1`)}}`, "budget"],
  ["many values", `[${"1,".repeat(FEW.values)}1]`, "budget"],
  ["nothing", "", "syntax"],
  ["two values", "1 2", "syntax"],
  ["a comma too many", "[1,]", "syntax"],
  ["a comma too many in an object", '{"a":1,}', "syntax"],
  ["a comma too few", "[1 2]", "syntax"],
  ["a key without quotes", "{a:1}", "syntax"],
  ["a key without a value", '{"a"}', "syntax"],
  ["an open string", '"abc\\"', "syntax"],
  ["an open object", '{"a":1', "syntax"],
  ["a bare control character", '"\n"', "syntax"],
  ["an unknown escape", '"\\x41"', "syntax"],
  ["a number with a leading zero", "01", "syntax"],
  ["a byte order mark", "\ufeff1", "syntax"],
])("refuses %s with a SyntaxError, whatever the flags", (_, text, problem) => {
  for (const rules of [{}, { isPython: true, takesConstructor: false }]) {
    const error = errorOf(text, { ...FEW, ...rules });
    expect(error).toBeInstanceOf(SyntaxError);
    expect(error).toBeInstanceOf(JsonError);
    expect((error as JsonError).problem).toBe(problem);
  }
});

/** Texts that a flag decides about, and what they are where it takes them. */
test.each<[string, keyof JsonRules, unknown]>([
  ["NaN", "isPython", Number.NaN],
  ["[Infinity,-Infinity]", "isPython", [Infinity, -Infinity]],
  ['{"a":NaN}', "isPython", { a: Number.NaN }],
  ['{"prototype":1}', "takesConstructor", { prototype: 1 }],
  ['[{"constructor":{}}]', "takesConstructor", [{ constructor: {} }]],
  ['{"\\u0063onstructor":1}', "takesConstructor", { constructor: 1 }],
])("reads %s only with %s", (text, flag, value) => {
  expect(parseJson(text, { [flag]: true })).toEqual(value);
  const problem = flag === "isPython" ? "syntax" : "key";
  expect(errorOf(text, { [flag]: false })).toMatchObject({ name: "SyntaxError", problem });
});

test.each(["-NaN", "+Infinity", "Infinit", "nan", "None", "True", "Infinity1"])(
  "is not Python's either: %s",
  (text) => {
    expect(errorOf(text, { isPython: true })).toMatchObject({ problem: "syntax" });
  },
);

test.each<[Partial<JsonRules>, string, string]>([
  [{ depth: 500 }, deep(500), deep(501)],
  [{ values: 3 }, "[1,2]", "[1,2,3]"],
  [{ keys: 2 }, '[{"a":1,"b":2},{"a":1}]', '{"a":1,"b":2,"c":3}'],
  [{ keyLength: 2 }, '{"ab":"abc"}', '{"abc":1}'],
])("a budget of %o is used up, and not gone over", (rules, within, beyond) => {
  expect(parseJson(within, rules)).toEqual(JSON.parse(within));
  expect(errorOf(beyond, rules)).toMatchObject({ problem: "depth" in rules ? "depth" : "budget" });
});

test.each([
  ['{"a":1 "b":2}', 'lacks a "," at character 7'],
  ['{"a" 1}', 'lacks a ":" at character 5'],
  ['{"a":1,"a":2}', 'has the key "a" twice at character 10'],
  ['{"__proto__":2}', "has the key __proto__ at character 12"],
  [deep(33), "is nested more than 32 deep at character 32"],
  [`{"${"k".repeat(99)}":1,"${"k".repeat(99)}":1}`, `has the key "${"k".repeat(57)}..." twice at character 206`],
])("says what is wrong with %s, and where", (text, message) => {
  expect(errorOf(text)).toMatchObject({ message });
});

function deep(levels: number): string {
  return `${"[".repeat(levels)}${"]".repeat(levels)}`;
}

function errorOf(text: string, rules: Partial<JsonRules> = {}): unknown {
  try {
    return parseJson(text, rules);
  } catch (error) {
    return error;
  }
}
