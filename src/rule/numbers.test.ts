import { describe, expect, test } from "vitest";
import { numberOps } from "./numbers.js";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const f = Math.fround;

describe.each(["float32", "float64"] as const)("operations on numbers of type %s", (dtype) => {
  const op = numberOps(dtype);
  const round = dtype === "float32" ? f : (x: number) => x;
  const [third, tenth] = [round(1 / 3), round(0.1)];

  test.each<[string, number, number]>([
    ["constant", op.constant(0.1), tenth],
    ["add", op.add(third, tenth), round(third + tenth)],
    ["sub", op.sub(third, tenth), round(third - tenth)],
    ["mul", op.mul(third, tenth), round(third * tenth)],
    ["div", op.div(third, tenth), round(third / tenth)],
    ["sqrt", op.sqrt(tenth), round(Math.sqrt(tenth))],
    ["power", op.power(tenth, third), round(tenth ** third)],
    ["cos", op.cos(third), round(Math.cos(third))],
    ["log", op.log(third), round(Math.log(third))],
  ])("%s is rounded once", (_name, result, expected) => expect(result).toBe(expected));

  test.each<[string, number, number]>([
    ["min of NaN", op.min(1, nan), nan],
    ["max of NaN", op.max(nan, 1), nan],
    ["clamp of NaN", op.clamp(nan, -1, 1), nan],
    ["clamp of -0 to [0, 1]", op.clamp(-0, 0, 1), -0],
    ["clamp of 2 to [0, 1]", op.clamp(2, 0, 1), 1],
    ["clamp of -infinity to [0, 1]", op.clamp(-infinity, 0, 1), 0],
    ["NaN <= 1", op.lessOrEqual(nan, 1), 0],
    ["-0 <= 0", op.lessOrEqual(-0, 0), 1],
    ["select where the mask holds", op.select(op.lessOrEqual(1, 1), 2, nan), 2],
    ["select where it does not", op.select(op.lessOrEqual(2, 1), nan, 3), 3],
    ["1 to the power of NaN", op.power(1, nan), 1],
    ["NaN to the power of 0", op.power(nan, 0), 1],
    ["floor of -0.5", op.floor(-0.5), -1],
    ["ceil of -0.5", op.ceil(-0.5), -0],
  ])("%s", (_name, result, expected) => expect(result).toBe(expected));
});
