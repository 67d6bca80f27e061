// The loop that a careful programmer writes: one pass over typed arrays, in double precision, rounded where it is stored.

/** A step of plain RMSprop with Keras' defaults over so many parameters. */
export function scalarStep(length: number): () => void {
  const weights = new Float32Array(length).fill(1);
  const velocity = new Float32Array(length);
  const gradients = new Float32Array(length).fill(0.01);
  return () => {
    for (let i = 0; i < length; i++) {
      // The arrays are of one length.
      const g = gradients[i] as number;
      const mean = 0.9 * (velocity[i] as number) + 0.1 * g * g;
      velocity[i] = mean;
      weights[i] = (weights[i] as number) - (0.001 * g) / Math.sqrt(mean + 1e-7);
    }
  };
}
