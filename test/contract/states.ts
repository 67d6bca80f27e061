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
  const texts = Array.from(values, (value) => (Object.is(value, -0) ? "-0" : `${value}`));
  if (texts.length <= SHOWN) return texts.join(" ");
  return `${texts.slice(0, 5).join(" ")} ... (${texts.length}, ${hashOf(texts.join(" "))})`;
}

/** FNV-1a. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
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
  return Float32Array.from({ length: count }, () => 4 * random() - 2);
}
