// States and reproducible numbers, without a test framework: child processes use them, too.
import {
  type AnyOptimizer,
  type FloatArray,
  LossScaleOptimizer,
  type OptimizerVariable,
  type VariableLike,
} from "rmsprop";
import { createRandom } from "../../examples/shared/random.js";

/** Many numbers are shown by their first ones and a hash, lest a failure fill the screen. */
const SHOWN = 40;

/** Numbers with every bit, but for the payload of NaN: shortest text that gives the same double again. */
export function bitsOf(values: ArrayLike<number>): string {
  const { length } = values;
  const texts: string[] = [];
  for (let i = 0; i < (length <= SHOWN ? length : 5); i++) texts.push(Object.is(values[i], -0) ? "-0" : `${values[i]}`);
  return length <= SHOWN ? texts.join(" ") : `${texts.join(" ")} ... (${length}, ${hashOf(values)})`;
}

/** FNV-1a, of the words of doubles. */
function hashOf(values: ArrayLike<number>): string {
  const doubles = new Float64Array(values);
  for (let i = 0; i < doubles.length; i++) if (Number.isNaN(doubles[i])) doubles[i] = Number.NaN;
  const words = new Uint32Array(doubles.buffer);
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ (words[i] ?? 0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** The elements of a variable, whatever it is. */
export function valuesOf(variable: VariableLike): FloatArray {
  return ArrayBuffer.isView(variable) ? variable : variable.value;
}

/** Everything that a step may change, as text. `own` are the optimizer's own variables. */
export function stateOf(
  optimizer: AnyOptimizer,
  variables: readonly VariableLike[],
  own: readonly OptimizerVariable[] = optimizer.variables,
): Record<string, string> {
  const scale: Record<string, string> =
    optimizer instanceof LossScaleOptimizer
      ? { dynamicScale: `${optimizer.dynamicScale}`, stepCounter: `${optimizer.stepCounter}` }
      : {};
  return {
    built: `${optimizer.built}`,
    iterations: `${optimizer.iterations}`,
    ...scale,
    ...Object.fromEntries(own.map(({ path, shape, dtype, value }) => [`${path} ${dtype} [${shape}]`, bitsOf(value)])),
    ...Object.fromEntries(variables.map((variable, i) => [`variable ${i}`, bitsOf(valuesOf(variable))])),
  };
}

/** `count` numbers between -2 and 2, rounded to float32. */
export function numbersOf(seed: number, count: number): Float32Array {
  const random = createRandom(seed);
  const numbers = new Float32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = 4 * random() - 2;
  return numbers;
}
