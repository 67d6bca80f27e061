// Numbers that have to fit a variable: what it is assigned, and what stands for its value.
import { type Argument, Verbatim } from "../../check/argument.js";
import { isSame } from "../../check/lists.js";
import { isNested, type NestedNumbers, type Numbers, numbersOf } from "../../core/nested-numbers.js";
import type { Fit } from "../../core/run/target.js";
import { type InMemory, isVariable, storageOf, variableRemedy } from "../variable-memory.js";

/** `value` as flat numbers for an array of that shape, or an error that names both shapes. */
export function fittingNumbers(argument: Argument, value: NestedNumbers | InMemory, fit: Fit): ArrayLike<number> {
  return fitted(argument, numbersIn(argument, value), fit);
}

/** As `fittingNumbers`, of numbers that were read. */
export function fitted(argument: Argument, { shape, values }: Numbers, fit: Fit): ArrayLike<number> {
  const size = fit.array.length;
  if (values.length === size && (shape.length <= 1 || isSame(shape, fit.shape))) return values;
  const requirement = `have the shape [${fit.shape}] of ${fit.name}, or its ${size} elements in one flat array`;
  throw argument.badValue(requirement, new Verbatim(`shape [${shape}]`), "Reshape it.");
}

/** The numbers of `value`, whatever its shape, or an error. */
export function numbersIn(argument: Argument, value: NestedNumbers | InMemory): Numbers {
  if (isVariable(value)) return { shape: value.shape, values: storageOf(value).view };
  if (isNested(value)) return numbersOf(argument, value);
  const remedy = variableRemedy(value, "Pass a number, nested arrays of numbers, or a typed array.");
  throw argument.badKind("be numbers", value, remedy);
}
