import { expect, test } from "vitest";
import { MAX_KEY, MAX_KEYS, MAX_VALUES, parseStrictJson } from "./strict-json.js";

test.each([
  "null",
  "true",
  " [ ] ",
  "{}",
  "-0.5e-3",
  '"ä \\" \\\\ \\u00e4 \\n"',
  '{"a":[1,{"b":null}],"constructor":"text"}\n',
  '["\\\\","\\\\\\""]',
])("reads %s as JSON.parse does", (text) => {
  expect(parseStrictJson(text)).toEqual(JSON.parse(text));
});

test.each([
  ["a key twice", '{"a":1,"a":2}'],
  ["a key twice, once escaped", '{"a":1,"\\u0061":2}'],
  ["__proto__", '{"__proto__":{"x":1}}'],
  ["__proto__, escaped", '{"\\u005f_proto__":{"x":1}}'],
  ["deep nesting", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
  ["a long key", `{"${"a".repeat(MAX_KEY + 1)}":1}`],
  ["many keys", `{${Array.from({ length: MAX_KEYS + 1 }, (_, i) => `"${i}":1`)}}`],
  ["many values", `[${"1,".repeat(MAX_VALUES)}1]`],
  ["nothing", ""],
  ["two values", "1 2"],
  ["a comma too many", "[1,]"],
  ["a comma too few", "[1 2]"],
  ["a key without quotes", "{a:1}"],
  ["a key without a value", '{"a"}'],
  ["an open string", '"abc\\"'],
  ["an open object", '{"a":1'],
  ["a bare control character", '"\n"'],
  ["an unknown escape", '"\\x41"'],
  ["a number with a leading zero", "01"],
  ["NaN", "NaN"],
  ["a byte order mark", "\ufeff1"],
])("refuses %s with a SyntaxError", (_, text) => {
  expect(() => parseStrictJson(text)).toThrow(SyntaxError);
});
