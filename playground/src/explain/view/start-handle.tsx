// The start as a handle on the map: dragged by mouse or finger, moved by arrow keys.
import type { JSX, TargetedKeyboardEvent, TargetedPointerEvent } from "preact";
import { surfaceOf } from "../../landscape/surfaces.js";
import { spokenPoint } from "../../map/reading.js";
import { BOUNDS, bounded, type ExplainState } from "../state.js";
import type { Pair } from "../story/paths.js";

interface HandleProps {
  readonly start: ExplainState["start"];
  readonly pixel: Pair;
  move(start: ExplainState["start"]): void;
  /** Moves the start under the pointer. */
  drag(event: TargetedPointerEvent<HTMLElement>): void;
}

/** What the label needs above the handle. */
const LABEL_HEIGHT = 36;

/** How far an arrow key moves, and with Shift. */
const [NUDGE, STRIDE] = [0.1, 0.5];

const ARROWS: Readonly<Record<string, Pair>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: 1 },
  ArrowDown: { x: 0, y: -1 },
};

export function StartHandle({ start, pixel, move, drag }: HandleProps): JSX.Element {
  const press = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    const length = event.shiftKey ? STRIDE : NUDGE;
    const moved = (axis: "x" | "y"): number => bounded(axis, Number((start[axis] + arrow[axis] * length).toFixed(2)));
    move({ x: moved("x"), y: moved("y") });
  };
  return (
    <div
      class="start"
      role="slider"
      tabIndex={0}
      aria-label="Start: arrow keys move it"
      aria-valuemin={BOUNDS.x[0]}
      aria-valuemax={BOUNDS.x[1]}
      aria-valuenow={start.x}
      aria-valuetext={spokenPoint(start, surfaceOf("ravine"))}
      style={{ transform: `translate(${pixel.x}px, ${pixel.y}px)` }}
      onKeyDown={press}
      onClick={(event) => event.stopPropagation()}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && drag(event)}
    >
      <span class={pixel.y < LABEL_HEIGHT ? "beside" : ""}>drag me</span>
    </div>
  );
}
