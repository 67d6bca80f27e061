// Hooks for components that follow something that changes outside of the page's state.
import { useEffect, useReducer } from "preact/hooks";

/** Something that calls its listeners when it has changed. */
export interface Source {
  listen(listener: () => void): () => void;
}

/** Draws the component again after changes, at most once in `intervalMs`, and always after the last one. */
export function useChanges(source: Source, intervalMs: number): void {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    let drawn = Number.NEGATIVE_INFINITY;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const draw = (): void => {
      timer = null;
      drawn = performance.now();
      redraw(undefined);
    };
    const stop = source.listen(() => {
      const wait = drawn + intervalMs - performance.now();
      if (timer === null && wait <= 0) draw();
      else timer ??= setTimeout(draw, wait);
    });
    // What changed before this listened.
    draw();
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [source, intervalMs]);
}

/** Calls `fn` when the colours become light or dark, until the function that is returned is called. */
export function onTheme(fn: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", fn);
  return () => dark.removeEventListener("change", fn);
}
