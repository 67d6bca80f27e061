// The size of an element on the page, as it changes.
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What is lower is not yet laid out. */
const LEAST = 50;

/** A ref for an element, and its size: zero before it is first drawn. */
export function useSize<E extends HTMLElement>(): readonly [RefObject<E | null>, Size] {
  const ref = useRef<E>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const { current } = ref;
    if (!current) return;
    // Before the styles are there it may have no height.
    const measure = (): void => {
      const { clientWidth: width, clientHeight: height } = current;
      setSize(height < LEAST ? { width: 0, height: 0 } : { width, height });
    };
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(current);
    return () => resized.disconnect();
  }, []);
  return [ref, size];
}
