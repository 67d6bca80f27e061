import { describe, expect, test } from "vitest";
import { optionsByTable } from "./argument-table.js";
import * as checks from "./arguments.js";
import { argumentsOf } from "./errors.js";

const argument = argumentsOf("Owner");

describe("checkNumber", () => {
  test.each<[unknown, checks.NumberRule]>([
    [0, {}],
    [-1.5, {}],
    [0, { min: 0 }],
    [1, { min: 0, max: 1 }],
    [1e-9, { above: 0 }],
    [2, { integer: true, min: 2 }],
  ])("takes %o under %o", (value, rule) => {
    expect(checks.checkNumber(argument("x"), value, rule)).toBe(value);
    expect(checks.checkNumberOrNull(argument("x"), value, rule)).toBe(value);
  });

  test.each<[unknown, checks.NumberRule, ErrorConstructor, string]>([
    ["1", {}, TypeError, 'Owner: x must be a finite number; received x="1". Convert it with Number().'],
    ["one", {}, TypeError, 'received x="one". Pass a value of that kind.'],
    [
      undefined,
      { above: 0 },
      TypeError,
      "Owner: x must be a finite number > 0; received x=undefined. It has no default: pass it.",
    ],
    [1n, {}, TypeError, "received x=1n"],
    [true, {}, TypeError, "received x=true"],
    [Number.NaN, {}, RangeError, "received x=NaN. Look where it became NaN."],
    [Number.POSITIVE_INFINITY, {}, RangeError, "received x=Infinity"],
    [-1, { min: 0 }, RangeError, "Owner: x must be a finite number >= 0; received x=-1. Pass a finite number >= 0."],
    [0, { above: 0 }, RangeError, "must be a finite number > 0"],
    [2, { max: 1 }, RangeError, "must be a finite number <= 1"],
    [2, { min: 0, max: 1 }, RangeError, "must be a finite number from 0 to 1"],
    [2.5, { integer: true, min: 2 }, RangeError, "must be an integer >= 2"],
    [-1, { min: 0, remedy: "Negate it." }, RangeError, "Negate it."],
  ])("refuses %o under %o", (value, rule, error, message) => {
    expect(() => checks.checkNumber(argument("x"), value, rule)).toThrow(error);
    expect(() => checks.checkNumber(argument("x"), value, rule)).toThrow(message);
  });

  test("null is for checkNumberOrNull only", () => {
    expect(checks.checkNumberOrNull(argument("x"), null)).toBeNull();
    expect(() => checks.checkNumber(argument("x"), null)).toThrow(TypeError);
    expect(() => checks.checkNumberOrNull(argument("x"), -1, { min: 0 })).toThrow("be a finite number >= 0 or null");
  });
});

test("checkNumbers copies arrays and typed arrays, and names the element that is wrong", () => {
  const own = [1, 2];
  expect(checks.checkNumbers(argument("xs"), own)).toEqual([1, 2]);
  expect(checks.checkNumbers(argument("xs"), own)).not.toBe(own);
  expect(checks.checkNumbers(argument("xs"), Float32Array.of(1, 2))).toEqual([1, 2]);
  expect(() => checks.checkNumbers(argument("xs"), [1, "2"])).toThrow(
    'xs[1] must be a finite number; received xs[1]="2"',
  );
  expect(() => checks.checkNumbers(argument("xs"), new Array(2))).toThrow("received xs[0]=undefined");
  expect(() => checks.checkNumbers(argument("xs"), 1)).toThrow("xs must be an array of numbers");
  expect(() => checks.checkNumbers(argument("xs"), new DataView(new ArrayBuffer(4)))).toThrow(TypeError);
});

test("checkBoolean, checkString and checkName take their kind only", () => {
  expect(checks.checkBoolean(argument("on"), false)).toBe(false);
  expect(() => checks.checkBoolean(argument("on"), 0)).toThrow("Owner: on must be true or false; received on=0.");
  expect(checks.checkString(argument("text"), "")).toBe("");
  expect(() => checks.checkString(argument("text"), 5)).toThrow("Owner: text must be a string; received text=5.");
  expect(checks.checkName(argument("name"), "a")).toBe("a");
  expect(() => checks.checkName(argument("name"), "a/b")).toThrow(RangeError);
});

describe("checkKnownKeys", () => {
  test("returns the object when all keys are known", () => {
    const options = { rho: 0.9 };
    expect(checks.checkKnownKeys(argument("options"), options, ["rho", "epsilon"])).toBe(options);
    expect(checks.checkKnownKeys(argument("options"), {}, ["rho"])).toEqual({});
  });

  test.each<[unknown, string]>([
    [
      { weigthDecay: 0.1 },
      "Owner: weigthDecay must be a known argument; received weigthDecay=0.1. Did you mean weightDecay?",
    ],
    [{ beta: 1 }, "received beta=1. Known are: rho, weightDecay, name."],
    [0.1, "Owner: options must be one object; received options=0.1. Pass { rho, weightDecay, ... }."],
    [null, "received options=null"],
    [[1], "received options=Array(1)"],
    [undefined, "received options=undefined"],
  ])("refuses %o", (options, message) => {
    const check = () => checks.checkKnownKeys(argument("options"), options, ["rho", "weightDecay", "name"]);
    expect(check).toThrow(TypeError);
    expect(check).toThrow(message);
  });
});

test("optionsByTable turns Keras' keys into ours and refuses all others", () => {
  const table = { useEma: { check: checks.checkBoolean }, rho: { check: checks.checkNumber } };
  expect(optionsByTable<{ useEma: boolean; rho: number }>("Owner", table, { use_ema: true })).toEqual({ useEma: true });
  expect(() => optionsByTable("Owner", table, { useEma: true })).toThrow("Did you mean use_ema?");
});
