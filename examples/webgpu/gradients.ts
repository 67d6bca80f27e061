// In which format kernels write gradients, and how the optimizer is told. To change it, change `GRADIENT_FORMAT`.
import type { GpuGradient } from "rmsprop/webgpu";

/** How two gradients beside each other are kept. */
interface GradientFormat {
  /** Of 32 bits. */
  readonly wordsPerPair: number;
  /** WGSL: the type `Pair`, and what makes one of two float32 numbers. */
  readonly code: string;
  /** A buffer in this format, as the optimizer takes it. */
  asGradient(buffer: GPUBuffer): GpuGradient;
}

const FLOAT32: GradientFormat = {
  wordsPerPair: 2,
  code: `
alias Pair = vec2f;
fn pairOf(numbers: vec2f) -> Pair { return numbers; }
`,
  asGradient: (buffer) => buffer,
};

export const GRADIENT_FORMAT: GradientFormat = FLOAT32;
