// What users write with "rmsprop/tfjs/webgpu".
import { RMSprop } from "rmsprop/tfjs";
import { useWebGpu } from "rmsprop/tfjs/webgpu";

export function optimizerOf(momentum?: number): RMSprop {
  useWebGpu();
  return new RMSprop({ momentum });
}
