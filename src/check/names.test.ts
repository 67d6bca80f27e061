import { describe, expect, test } from "vitest";
import { camelCase, classNameOf, nearestName, renameKeys, snakeCase } from "./names.js";

test.each([
  ["useEma", "use_ema"],
  ["clipnorm", "clipnorm"],
  ["emaOverwriteFrequency", "ema_overwrite_frequency"],
  ["tMul", "t_mul"],
])("%s is %s in Keras", (ours, keras) => {
  expect(snakeCase(ours)).toBe(keras);
  expect(camelCase(keras)).toBe(ours);
});

test("renameKeys keeps values and order", () => {
  expect(JSON.stringify(renameKeys({ useEma: true, rho: [1] }, snakeCase))).toBe('{"use_ema":true,"rho":[1]}');
});

describe("nearestName", () => {
  const known = ["learningRate", "rho", "weightDecay", "clipnorm", "clipvalue", "globalClipnorm"];
  test.each([
    ["weigthDecay", "weightDecay"],
    ["weight_decay", "weightDecay"],
    ["WEIGHTDECAY", "weightDecay"],
    ["learningrate", "learningRate"],
    ["clipNorm", "clipnorm"],
    ["roh", null],
    ["rh", "rho"],
    ["beta", null],
    ["lr", "learningRate"],
    ["alpha", "rho"],
    ["eps", null],
    ["constructor", null],
    ["", null],
  ])("takes %o for %o", (name, meant) => {
    expect(nearestName(name, known)).toBe(meant);
  });
});

test("classNameOf prefers a className of the class itself", () => {
  class Own {
    static readonly className: string = "Saved";
    readonly size = 0;
  }
  class Heir extends Own {}
  expect([classNameOf(Own), classNameOf(Heir), classNameOf(Map)]).toEqual(["Saved", "Heir", "Map"]);
});
