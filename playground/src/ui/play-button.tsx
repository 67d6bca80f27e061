// Play: while it is pressed, a mark moves on at the page's pace, up to its last step.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { keepPace } from "./pace.js";

interface PlayProps {
  /** Whether the mark is at its last step. */
  readonly isLast: boolean;
  /** Whether to begin anew, if Play is pressed now. */
  readonly isOver: boolean;
  readonly framesPerStep: number;
  /** What is said when the last step is reached. */
  readonly ended: string;
  advance(factor: number): void;
  rewind(): void;
}

export function PlayButton({ isLast, isOver, framesPerStep, ended, advance, rewind }: PlayProps): JSX.Element {
  const [playing, setPlaying] = useState(false);
  const [hasEnded, setHasEnded] = useState(false);
  // The newest one, which may know of another speed.
  const newest = useRef(advance);
  newest.current = advance;
  useEffect(
    () => (playing ? keepPace((factor) => newest.current(factor), framesPerStep) : undefined),
    [playing, framesPerStep],
  );
  useEffect(() => {
    if (!isLast || !playing) return;
    setPlaying(false);
    setHasEnded(true);
  }, [isLast, playing]);
  const press = (): void => {
    if (!playing && isOver) rewind();
    setHasEnded(false);
    setPlaying(!playing);
  };
  return (
    <>
      <button type="button" class="primary play" onClick={press}>
        {playing ? "Pause" : "Play"}
      </button>
      <span class="unseen" role="status">
        {hasEnded ? ended : ""}
      </span>
    </>
  );
}
