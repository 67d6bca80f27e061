// The kernels of the network in WGSL: rows of a batch, a dense layer forward and backward, softmax and cross-entropy. Sizes are
// constants of the pipelines, so that both layers have the same code.
import { GRADIENT_FORMAT } from "./gradients.js";

/** Invocations of a workgroup, each of which writes one number, a pair of gradients, or the scores of a row. */
export const WORKGROUP_SIZE = 64;

const HEAD = `
struct Batch { start: u32, rows: u32 }
@group(0) @binding(0) var<uniform> batch: Batch;
`;

const MAIN = `@compute @workgroup_size(${WORKGROUP_SIZE}) fn main(@builtin(global_invocation_id) id: vec3u)`;

/** The rows of a batch, in the order of the epoch. */
export const GATHER: string = `${HEAD}
override INPUTS: u32;
@group(0) @binding(1) var<storage, read> order: array<u32>;
@group(0) @binding(2) var<storage, read> pixels: array<f32>;
@group(0) @binding(3) var<storage, read> labels: array<u32>;
@group(0) @binding(4) var<storage, read_write> inputs: array<f32>;
@group(0) @binding(5) var<storage, read_write> targets: array<u32>;

${MAIN} {
  let row = id.x / INPUTS;
  if (row >= batch.rows) { return; }
  let source = order[batch.start + row];
  inputs[id.x] = pixels[source * INPUTS + id.x % INPUTS];
  if (id.x % INPUTS == 0) { targets[row] = labels[source]; }
}
`;

/** outputs = inputs * kernel + bias, below zero cut off where there is a RELU. */
export const DENSE: string = `${HEAD}
override INPUTS: u32;
override OUTPUTS: u32;
override RELU: bool;
@group(0) @binding(1) var<storage, read> inputs: array<f32>;
@group(0) @binding(2) var<storage, read> kernel: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> outputs: array<f32>;

${MAIN} {
  let row = id.x / OUTPUTS;
  let output = id.x % OUTPUTS;
  if (row >= batch.rows) { return; }
  var sum = 0.0;
  for (var input = 0u; input < INPUTS; input++) {
    sum += inputs[row * INPUTS + input] * kernel[input * OUTPUTS + output];
  }
  sum += bias[output];
  outputs[id.x] = select(sum, max(sum, 0.0), RELU);
}
`;

/**
 * Of each row: the probabilities, the loss in nats and whether the digit is told right, and by how much each logit is to blame for
 * the mean loss of the batch.
 */
export const SOFTMAX: string = `${HEAD}
override CLASSES: u32;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read_write> probabilities: array<f32>;
@group(0) @binding(4) var<storage, read_write> errors: array<f32>;
@group(0) @binding(5) var<storage, read_write> scores: array<vec2f>;

${MAIN} {
  let row = id.x;
  if (row >= batch.rows) { return; }
  let first = row * CLASSES;
  var best = 0u;
  for (var i = 1u; i < CLASSES; i++) {
    if (logits[first + i] > logits[first + best]) { best = i; }
  }
  // The largest logit is taken off all of them: no exponential overflows.
  let largest = logits[first + best];
  var sum = 0.0;
  for (var i = 0u; i < CLASSES; i++) { sum += exp(logits[first + i] - largest); }
  let digit = targets[row];
  for (var i = 0u; i < CLASSES; i++) {
    let probability = exp(logits[first + i] - largest) / sum;
    probabilities[first + i] = probability;
    errors[first + i] = (probability - f32(i == digit)) / f32(batch.rows);
  }
  scores[row] = vec2f(log(sum) + largest - logits[first + digit], f32(best == digit));
}
`;

/** By how much each activation below a layer is to blame: nothing where its RELU has cut it off. */
export const BACKWARD: string = `${HEAD}
override INPUTS: u32;
override OUTPUTS: u32;
@group(0) @binding(1) var<storage, read> activations: array<f32>;
@group(0) @binding(2) var<storage, read> kernel: array<f32>;
@group(0) @binding(3) var<storage, read> errors: array<f32>;
@group(0) @binding(4) var<storage, read_write> errorsBelow: array<f32>;

${MAIN} {
  let row = id.x / INPUTS;
  let input = id.x % INPUTS;
  if (row >= batch.rows) { return; }
  var sum = 0.0;
  for (var output = 0u; output < OUTPUTS; output++) {
    sum += errors[row * OUTPUTS + output] * kernel[input * OUTPUTS + output];
  }
  errorsBelow[id.x] = select(0.0, sum, activations[id.x] > 0.0);
}
`;

/** The gradients of a layer's kernel and bias, two neighbours at a time; OUTPUTS is even. The bias counts as one more input, always 1. */
export const GRADIENT: string = `${HEAD}
${GRADIENT_FORMAT.code}
override INPUTS: u32;
override OUTPUTS: u32;
@group(0) @binding(1) var<storage, read> inputs: array<f32>;
@group(0) @binding(2) var<storage, read> errors: array<f32>;
@group(0) @binding(3) var<storage, read_write> kernelGradient: array<Pair>;
@group(0) @binding(4) var<storage, read_write> biasGradient: array<Pair>;

${MAIN} {
  let pairs = OUTPUTS / 2;
  let input = id.x / pairs;
  let pair = id.x % pairs;
  if (input > INPUTS) { return; }
  let isBias = input == INPUTS;
  var sum = vec2f();
  for (var row = 0u; row < batch.rows; row++) {
    let at = row * OUTPUTS + 2 * pair;
    let error = vec2f(errors[at], errors[at + 1]);
    if (isBias) { sum += error; } else { sum += inputs[row * INPUTS + input] * error; }
  }
  if (isBias) { biasGradient[pair] = pairOf(sum); } else { kernelGradient[id.x] = pairOf(sum); }
}
`;
