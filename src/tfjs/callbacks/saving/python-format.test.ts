// Numbers as Python writes them; the expectations were printed by Python 3.12.
import { describe, expect, test } from "vitest";
import { Argument } from "../../../check/argument.js";
import { fixed, formatted, pythonNumber } from "./python-format.js";

const argument = new Argument("ModelCheckpoint", "filepath");
const write = (text: string) =>
  formatted(argument, text, { epoch: 3, batch: 12 }, { val_loss: 0.125, loss: 1e-5, acc: 1, bad: Number.NaN });

describe("formatted", () => {
  test.each([
    ["{epoch:02d}-{val_loss:.2f}.keras", "03-0.12.keras"], // half to even
    ["{epoch}", "3"],
    ["{epoch:1d}", "3"],
    ["{batch:05d}", "00012"],
    ["{epoch:4d}|", "   3|"],
    ["{epoch:.1f}", "3.0"],
    ["{acc}", "1.0"],
    ["{loss}", "1e-05"],
    ["{loss:f}", "0.000010"],
    ["{loss:.3e}", "1.000e-05"],
    ["{loss:E}", "1.000000E-05"],
    ["{val_loss:.1%}", "12.5%"],
    ["{val_loss:08.3f}", "0000.125"],
    ["{bad:.2f}", "nan"],
    ["{{epoch}}", "{epoch}"],
  ])("%s gives %s", (text, expected) => {
    expect(write(text)).toBe(expected);
  });

  test.each([
    ["{val_acc:.2f}", /\{val_acc\} is not.+Known are epoch, batch, val_loss, loss, acc, bad/],
    ["{toString}", /\{toString\} is not/],
    ["{epoch", /close each \{/],
    ["{epoch:x}", /known format in \{epoch:x\}/],
    ["{val_loss:02d}", /known format/],
    ["{val_loss:.3}", /known format/],
  ])("%s is refused", (text, message) => {
    expect(() => write(text)).toThrow(message);
  });
});

test.each([
  [0.1, "0.1"],
  [Math.fround(0.1), "0.10000000149011612"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
  [1e16, "1e+16"],
  [123456789012345680, "1.2345678901234568e+17"],
  [2, "2.0"],
  [-0, "-0.0"],
  [Number.NaN, "nan"],
  [-Infinity, "-inf"],
])("str(%s) is %s", (value, expected) => {
  expect(pythonNumber(value)).toBe(expected);
});

test.each([
  [0.5, 0, "0"],
  [1.5, 0, "2"],
  [2.5, 0, "2"],
  [-0.125, 2, "-0.12"],
  [0.375, 2, "0.38"],
  [2.675, 2, "2.67"],
  [1.005, 2, "1.00"],
  [-0, 1, "-0.0"],
])("%s with %s digits is %s", (value, digits, expected) => {
  expect(fixed(value, digits)).toBe(expected);
});
