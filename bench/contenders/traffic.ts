// The limit: kernels of the same generator that read and write the same arrays, with one addition for each array that
// is written and no other arithmetic.
import { defineOptimizer, defineRule, type Inputs, type Ops, type Rule, type Variable } from "rmsprop";

/** A step that reads and writes `variable` and so many slots, and reads `gradient`. */
export function trafficOf(variable: Variable, gradient: Variable, slotCount: number): () => void {
  const slots = Array.from({ length: slotCount }, (_, i) => `slot${i}`);
  const rule = defineRule({
    slots,
    scalars: [],
    update<V>(op: Ops<V>, x: Inputs<V>) {
      // There is an array for each of these names.
      const moved = (name: string): V => op.add(x[name] as V, x.gradient as V);
      return Object.fromEntries(["variable", ...slots].map((name) => [name, moved(name)]));
    },
  });
  return stepOf(rule, variable, gradient);
}

/** A step that reads `array` once and writes nothing. */
export function readOf(array: Variable): () => void {
  return stepOf(defineRule({ slots: [], scalars: [], update: () => ({}) }), array, array);
}

/** A step that reads and writes `array` once, with a square root and a division for each element. */
export function dividerOf(array: Variable): () => void {
  // Whatever the array holds, it comes to rest where 0.37 / sqrt(x) = x, at 0.52.
  const rule = defineRule({
    slots: [],
    scalars: [],
    update: (op, x) => ({ variable: op.div(op.constant(0.37), op.sqrt(x.variable)) }),
  });
  return stepOf(rule, array, array);
}

function stepOf(rule: Rule, variable: Variable, gradient: Variable): () => void {
  const Traffic = defineOptimizer({ className: "Traffic", options: {}, rule });
  const optimizer = new Traffic();
  const given = [gradient];
  optimizer.build([variable]);
  return () => optimizer.apply(given);
}
