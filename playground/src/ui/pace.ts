// When a mark moves on: with each frame, or in strides for those who asked for less motion; never in a hidden tab.

/** Steps of a stride for each step of a frame, and how long a stride is looked at. */
export const STRIDE = 20;
const STRIDE_MS = 500;

export const LESS_MOTION = "(prefers-reduced-motion: reduce)";

/** Calls `step` with a factor for the number of steps, until the function that is returned is called. */
export function keepPace(step: (factor: number) => void, framesPerStep: number): () => void {
  const less = matchMedia(LESS_MOTION);
  let stop = (): void => undefined;
  const restart = (): void => {
    stop();
    stop = document.hidden ? () => undefined : less.matches ? inStrides(step) : withFrames(step, framesPerStep);
  };
  restart();
  document.addEventListener("visibilitychange", restart);
  less.addEventListener("change", restart);
  return () => {
    stop();
    document.removeEventListener("visibilitychange", restart);
    less.removeEventListener("change", restart);
  };
}

function withFrames(step: (factor: number) => void, framesPerStep: number): () => void {
  let count = 0;
  let frame = requestAnimationFrame(function next() {
    if (++count % framesPerStep === 0) step(1);
    frame = requestAnimationFrame(next);
  });
  return () => cancelAnimationFrame(frame);
}

function inStrides(step: (factor: number) => void): () => void {
  step(STRIDE);
  const timer = setInterval(() => step(STRIDE), STRIDE_MS);
  return () => clearInterval(timer);
}
