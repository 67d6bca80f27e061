// Steps made of TensorFlow.js' own operations: on every backend, with a pass over memory for each operation.
import * as tf from "@tensorflow/tfjs-core";
import type { Row, ScalarsByType } from "../../engine/engine.js";
import { type CommonScalars, commonScalarNames, scalarsOfRows, squaresOf, stepRow } from "../../rule/rows.js";
import type { StepScalars } from "../../rule/step.js";
import { TENSORS } from "./ops.js";
import { type Strategy, written } from "./strategy.js";

export const COMPOSED: Strategy = {
  suffix: "",
  kind: "composed",
  run({ scalars }, rows) {
    const commonOf = commonScalars(rows, scalars);
    const sumOfSquares = (row: Row<tf.Tensor>) => tf.tidy(() => sumOf(squaresOf(TENSORS, row, commonOf(row))));
    const own = scalarsOfRows(TENSORS, rows, commonOf, sumOfSquares);
    for (const [i, row] of rows.entries()) runRow(row, own[i] ?? commonOf(row));
    return 0;
  },
  allFinite(_step, rows) {
    // 0 for a finite number, NaN for any other.
    const gradients = rows.flatMap(({ plan, arrays }) => arrays[plan.gradientAt] ?? []);
    const sums = gradients.map((gradient) => sumOf(tf.sub(gradient, gradient)));
    // By twos: webgpu cannot add more than seven at once.
    return sums.length === 0 || sums.reduce(TENSORS.add).dataSync()[0] === 0;
  },
};

function runRow(row: Row<tf.Tensor>, k: StepScalars<tf.Tensor>): void {
  tf.tidy(() => {
    const { plan, arrays } = row;
    for (const [name, value] of Object.entries(stepRow(TENSORS, row, k))) {
      const array = arrays[plan.arrays.indexOf(name)];
      // A constant result is a scalar: it stands for every element.
      if (array && array.size > 0)
        written(array).assign(value.rank === array.rank ? value : tf.broadcastTo(value, array.shape));
    }
  });
}

/** On some backends the sum of no elements is whatever the memory held. */
const sumOf = (tensor: tf.Tensor): tf.Tensor => (tensor.size === 0 ? tf.scalar(0) : tf.sum(tensor));

/** What gives each row the scalars that it shares with others: in a step of several optimizers, with those of its own. */
function commonScalars(
  rows: readonly Row<tf.Tensor>[],
  ofStep: ScalarsByType,
): (row: Row<tf.Tensor>) => CommonScalars<tf.Tensor> {
  const common = new Map<ScalarsByType, CommonScalars<tf.Tensor>>();
  for (const scalars of new Set(rows.map((row) => row.scalars ?? ofStep))) {
    const names = commonScalarNames(rows.flatMap((row) => ((row.scalars ?? ofStep) === scalars ? row.plan : [])));
    const tensors = Object.fromEntries(names.map((name) => [name, tf.scalar(scalars.float32.get(name))]));
    common.set(scalars, tensors as CommonScalars<tf.Tensor>); // by the names that the rows need
  }
  return (row) => common.get(row.scalars ?? ofStep) as CommonScalars<tf.Tensor>; // of each row there are some
}
