// Names of variables without weight decay are Python's regular expressions, as in Keras: recorded ones, on real Python.
import { RMSprop, Variable } from "rmsprop";
import { expect, test } from "vitest";
import { choice, isWhole } from "../seed.js";
import { checkPatterns, recordedPatterns } from "./patterns.js";

test("a pattern leaves out the names in which Python finds it, or is refused", () => {
  const { names, cases } = recordedPatterns();
  const { translated, refused, failures } = checkPatterns({ names, cases: choice(cases, 3) });
  console.log(`patterns: ${translated} searched as Python does, ${refused} refused that Python takes`);
  expect(failures).toEqual([]);
  expect(translated).toBeGreaterThan(isWhole ? 500 : 150);
});

const excluding = (...names: (string | RegExp)[]): void =>
  new RMSprop({ weightDecay: 0.1 }).excludeFromWeightDecay({ names });

test.each([
  ["a possessive part", "a++", '"++"'],
  ["an atomic group", "(?>ab)c", '"(?>"'],
  ["a condition", "(a)?(?(1)b|c)", '"(?("'],
  ["the text of a group", "(?P<n>a)(?P=n)", '"(?P="'],
  ["a letter by its name", "\\N{DIGIT ONE}", `"\\\\N"`],
  ["a letter beyond ASCII whose case does not count", "(?i)é", '"é"'],
  ["a look-behind", "(?<=a*)b", '"(?<"'],
  ["a flag of a group", "(?i:b)ias", '"(?i"'],
  ["a comment", "(?#why)a", '"(?#"'],
  ["an escape of JavaScript's", "\\p{L}", `"\\\\p"`],
])("%s is refused by what it is written with", (_, pattern, shown) => {
  const start = "RMSprop: names[0] must be a regular expression of Python that JavaScript can search alike; received";
  expect(() => excluding(pattern)).toThrow(start);
  expect(() => excluding(pattern)).toThrow(`${shown} cannot be searched here as Python does: pass a RegExp.`);
});

test("what is no expression is refused with advice", () => {
  expect(() => excluding("bias", "(")).toThrow(
    'names[1] must be a regular expression of Python that JavaScript can search alike; received names[1]="(". ' +
      "Escape characters such as ( with a backslash, or pass a RegExp.",
  );
});

test("a flag for the whole expression goes with one name only, as Keras joins names", () => {
  const [upper, other] = [new Variable(1, { name: "BIAS" }), new Variable(1, { name: "beta" })];
  expect(() => excluding("(?i)bias", "beta")).toThrow('"(?i" cannot be searched here as Python does');
  const optimizer = new RMSprop({ weightDecay: 0.1 });
  optimizer.excludeFromWeightDecay({ names: [/bias/i, "beta"] });
  optimizer.build([upper, other]);
  expect([optimizer.decays(upper), optimizer.decays(other)]).toEqual([false, false]);
  expect(() => excluding("(?i)bias", "(?i)bias")).not.toThrow();
});

test("a RegExp means what it means in JavaScript", () => {
  const variable = new Variable(1, { name: "bias\n" });
  const optimizer = new RMSprop({ weightDecay: 0.1 });
  optimizer.excludeFromWeightDecay({ names: [/bias$/] });
  optimizer.build([variable]);
  expect(optimizer.decays(variable)).toBe(true);
});
