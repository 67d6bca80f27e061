// A diff as two programs: what the reader has, and what the guide says to write instead.

/** What a diff about a model of TensorFlow.js takes for granted. */
const BEFORE = `import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
`;
const AFTER = `
await model.fit(tf.ones([4, 2]), tf.ones([4, 1]), { epochs: 1, verbose: 0 });
`;

/** The old and the new program of a diff. */
export function sidesOf(diff: string): { readonly name: string; readonly code: string }[] {
  const side = (sign: string): string =>
    diff
      .split("\n")
      .filter((line) => line.startsWith(sign) || line.startsWith(" "))
      .map((line) => line.slice(1))
      .join("\n");
  return [
    { name: "old", code: BEFORE + side("-") + AFTER },
    { name: "new", code: BEFORE + side("+") + AFTER },
  ];
}
