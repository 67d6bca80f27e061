// Steps made of TensorFlow.js' own operations: on every backend, with a pass over memory for each operation.
import * as tf from "@tensorflow/tfjs-core";
import type { Row, ScalarsByType } from "../../engine/engine.js";
import { globalScale, normLimit, summandOf } from "../../rule/norm.js";
import type { Plan } from "../../rule/plan.js";
import { type StepInputs, type StepScalars, step } from "../../rule/step.js";
import { TENSORS } from "./ops.js";
import { type Strategy, written } from "./strategy.js";

export const COMPOSED: Strategy = {
  suffix: "",
  kind: "composed",
  run({ scalars }, rows) {
    const own = rowScalarsOf(rows, scalars);
    for (const [i, row] of rows.entries()) runRow(row, scalars, own[i] ?? null);
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

function runRow(row: Row<tf.Tensor>, scalars: ScalarsByType, own: tf.Tensor | null): void {
  tf.tidy(() => {
    const { plan, arrays } = row;
    const k = { ...scalarTensors(plan, scalars), ...(plan.rowScalar !== null && { [plan.rowScalar]: own }) };
    const outputs = step(TENSORS, plan, inputsOf(row), k as StepScalars<tf.Tensor>);
    for (const [name, value] of Object.entries(outputs)) {
      const array = arrays[plan.arrays.indexOf(name)];
      // A constant result is a scalar: it stands for every element.
      if (array && array.size > 0)
        written(array).assign(value.rank === array.rank ? value : tf.broadcastTo(value, array.shape));
    }
  });
}

function rowScalarsOf(rows: readonly Row<tf.Tensor>[], scalars: ScalarsByType): (tf.Tensor | null)[] {
  const sums = rows.map((row) => (row.plan.rowScalar === null ? null : sumOfSquares(row, scalars)));
  const global = sums.filter((sum, i) => sum !== null && rows[i]?.plan.rowScalar === "globalScale");
  const scale = global.length === 0 ? null : globalScaleOf(global as tf.Tensor[], scalars);
  return rows.map(({ plan }, i) => {
    const sum = sums[i];
    if (plan.rowScalar !== "normLimit" || !sum) return scale;
    return normLimit(TENSORS, sum, tf.scalar(scalars[plan.dtype].get("clipnorm")));
  });
}

function sumOfSquares(row: Row<tf.Tensor>, scalars: ScalarsByType): tf.Tensor {
  const k = scalarTensors(row.plan, scalars) as StepScalars<tf.Tensor>;
  return tf.tidy(() => sumOf(summandOf(TENSORS, "square", row.plan, inputsOf(row), k)));
}

/** On some backends the sum of no elements is whatever the memory held. */
function sumOf(tensor: tf.Tensor): tf.Tensor {
  return tensor.size === 0 ? tf.scalar(0) : tf.sum(tensor);
}

function globalScaleOf(sums: readonly tf.Tensor[], scalars: ScalarsByType): tf.Tensor {
  const scalarOf = (name: string): tf.Tensor => tf.scalar(scalars.float32.get(name));
  return globalScale(TENSORS, sums.reduce(TENSORS.add), {
    globalClipnorm: scalarOf("globalClipnorm"),
    inverseGlobalClipnorm: scalarOf("inverseGlobalClipnorm"),
  });
}

function inputsOf({ plan, arrays }: Row<tf.Tensor>): StepInputs<tf.Tensor> {
  return Object.fromEntries(plan.arrays.map((name, i) => [name, arrays[i]])) as StepInputs<tf.Tensor>;
}

function scalarTensors(plan: Plan, scalars: ScalarsByType): Record<string, tf.Tensor> {
  return Object.fromEntries(plan.scalars.map((name) => [name, tf.scalar(scalars[plan.dtype].get(name))]));
}
