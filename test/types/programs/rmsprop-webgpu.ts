// What users write with "rmsprop/webgpu".
import { constraints } from "rmsprop";
import { GpuVariable, LossScaleOptimizer, RMSprop, SGD } from "rmsprop/webgpu";

export async function train(device: GPUDevice, gradient: GPUBuffer, momentum?: number): Promise<Float32Array> {
  const constraint = new constraints.NonNeg();
  const weights = new GpuVariable(device, [1, 2], { name: undefined, constraint, byteOffset: undefined });
  const optimizer = new RMSprop(device, { momentum, useEma: true });
  optimizer.apply([gradient], [weights]);
  const scaled = new LossScaleOptimizer(new SGD(device, { momentum }), { initialScale: undefined });
  scaled.apply([weights.buffer, null]);
  return weights.read();
}

export function encode(device: GPUDevice, encoder: GPUCommandEncoder, weights: GPUBuffer, gradient: GPUBuffer): void {
  new RMSprop(device).encode(encoder, [gradient], [weights]);
}
