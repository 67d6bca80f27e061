import { describe, expect, test } from "vitest";
import { argumentsOf, type NumberRule } from "./argument.js";
import { OptionTable } from "./option-table.js";

const argument = argumentsOf("Owner");

describe("number", () => {
  test.each<[unknown, NumberRule]>([
    [0, {}],
    [-1.5, {}],
    [0, { min: 0 }],
    [1, { min: 0, max: 1 }],
    [1e-9, { above: 0 }],
    [2, { integer: true, min: 2 }],
    [0, { only: [-0.5, 0] }],
  ])("takes %o under %o", (value, rule) => {
    expect(argument("x").number(value, rule)).toBe(value);
    expect(argument("x").numberOrNull(value, rule)).toBe(value);
  });

  test.each<[unknown, NumberRule, ErrorConstructor, string]>([
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
    [-1, { only: [-0.5, 0] }, RangeError, "Owner: x must be -0.5 or 0; received x=-1. Pass -0.5 or 0."],
    [-1, { min: 0, remedy: "Negate it." }, RangeError, "Negate it."],
  ])("refuses %o under %o", (value, rule, error, message) => {
    expect(() => argument("x").number(value, rule)).toThrow(error);
    expect(() => argument("x").number(value, rule)).toThrow(message);
  });

  test("null is for numberOrNull only", () => {
    expect(argument("x").numberOrNull(null)).toBeNull();
    expect(() => argument("x").number(null)).toThrow(TypeError);
    expect(() => argument("x").numberOrNull(-1, { min: 0 })).toThrow("be a finite number >= 0 or null");
  });
});

test("numbers copies arrays and typed arrays, and names the element that is wrong", () => {
  const own = [1, 2];
  expect(argument("xs").numbers(own)).toEqual([1, 2]);
  expect(argument("xs").numbers(own)).not.toBe(own);
  expect(argument("xs").numbers(Float32Array.of(1, 2))).toEqual([1, 2]);
  expect(() => argument("xs").numbers([1, "2"])).toThrow('xs[1] must be a finite number; received xs[1]="2"');
  expect(() => argument("xs").numbers(new Array(2))).toThrow("received xs[0]=undefined");
  expect(() => argument("xs").numbers(1)).toThrow("xs must be an array of numbers");
  expect(() => argument("xs").numbers(new DataView(new ArrayBuffer(4)))).toThrow(TypeError);
});

test("boolean, string and kerasName take their kind only", () => {
  expect(argument("on").boolean(false)).toBe(false);
  expect(() => argument("on").boolean(0)).toThrow("Owner: on must be true or false; received on=0.");
  expect(argument("text").string("")).toBe("");
  expect(() => argument("text").string(5)).toThrow("Owner: text must be a string; received text=5.");
  expect(argument("name").kerasName("a")).toBe("a");
  expect(() => argument("name").kerasName("a/b")).toThrow(RangeError);
});

describe("keys", () => {
  test("returns the object when all keys are known", () => {
    const options = { rho: 0.9 };
    expect(argument("options").keys(options, ["rho", "epsilon"])).toBe(options);
    expect(argument("options").keys({}, ["rho"])).toEqual({});
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
    const check = () => argument("options").keys(options, ["rho", "weightDecay", "name"]);
    expect(check).toThrow(TypeError);
    expect(check).toThrow(message);
  });
});

test("a table turns Keras' keys into ours and refuses all others", () => {
  const table = new OptionTable("Owner", { useEma: { default: false }, rho: {} });
  expect(table.optionsOf({ use_ema: true })).toEqual({ useEma: true });
  expect(() => table.optionsOf({ useEma: true })).toThrow("Did you mean use_ema?");
});
