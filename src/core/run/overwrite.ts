// Variables that take their gradient as the new value instead of a step along it: Keras' `overwrite_with_gradient`.
import type { Engine } from "../../engine/engine.js";

/** The arrays of one such variable; `accumulator` is null without accumulation. */
interface Overwritten<A> {
  readonly variable: A;
  readonly gradient: A;
  readonly accumulator: A | null;
}

/** Takes one gradient; under accumulation the largest one since the last update becomes the value. */
export function overwrite<A>(
  engine: Engine<A>,
  { variable, gradient, accumulator }: Overwritten<A>,
  updates: boolean,
): void {
  if (accumulator === null) {
    engine.copy(gradient, variable);
    return;
  }
  const gathered = engine.read(accumulator);
  const largest = engine.read(gradient).map((value, at) => Math.max(value, gathered[at] ?? value));
  if (updates) engine.write(variable, largest);
  engine.write(accumulator, updates ? largest.fill(0) : largest);
}
