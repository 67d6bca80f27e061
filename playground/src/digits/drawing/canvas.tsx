// Where a digit is drawn, with a mouse, a pen or a finger. Strokes are kept as points, so that nothing is read from the
// canvas, which some browsers refuse.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Point, Stroke } from "./strokes.js";

/** The side of the canvas in its own units: 8 for each pixel of the 32 x 32 image that is made of it. */
const SIZE = 256;
const PEN = 20;
/** Points of one drawing: more are not taken. */
const MOST_POINTS = 4000;
/** Points nearer than this to the last one change nothing. */
const NEAR = 3;

interface DrawingProps {
  readonly strokes: readonly Stroke[];
  change(strokes: readonly Stroke[]): void;
}

export function DrawingArea({ strokes, change }: DrawingProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  // Events come faster than drawings of the page.
  const latest = useRef<readonly Stroke[]>(strokes);
  const pen = useRef<number | null>(null);
  latest.current = strokes;
  useEffect(() => {
    if (canvas.current) paint(canvas.current, strokes);
  }, [strokes]);
  const set = (next: readonly Stroke[]): void => {
    latest.current = next;
    change(next);
  };
  const add = (event: PointerEvent): void => {
    if (pen.current !== event.pointerId || !canvas.current) return;
    const all = latest.current;
    const stroke = all.at(-1) ?? [];
    const point = pointOf(event, canvas.current);
    const last = stroke.at(-1);
    if (last && Math.hypot(last[0] - point[0], last[1] - point[1]) < NEAR) return;
    if (all.flat().length < MOST_POINTS) set([...all.slice(0, -1), [...stroke, point]]);
  };
  return (
    <div class="pad">
      <canvas
        ref={canvas}
        id="drawing"
        class="ink"
        {...{ width: SIZE, height: SIZE }}
        role="img"
        aria-label="Drawing area, for a mouse, a pen or a finger. With the keyboard, choose a held-out digit with the buttons below."
        onPointerDown={(event) => {
          if (pen.current !== null || event.button !== 0) return;
          event.preventDefault();
          event.currentTarget.setPointerCapture(event.pointerId);
          pen.current = event.pointerId;
          set([...latest.current, []]);
          add(event);
        }}
        onPointerMove={add}
        onPointerUp={() => {
          pen.current = null;
        }}
        onPointerCancel={() => {
          pen.current = null;
        }}
      />
      {strokes.length === 0 && <span aria-hidden="true">Draw here</span>}
    </div>
  );
}

function pointOf(event: PointerEvent, canvas: HTMLCanvasElement): Point {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  return [((event.clientX - left) / width) * SIZE, ((event.clientY - top) / height) * SIZE];
}

function paint(canvas: HTMLCanvasElement, strokes: readonly Stroke[]): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  context.clearRect(0, 0, SIZE, SIZE);
  Object.assign(context, { lineWidth: PEN, lineCap: "round", lineJoin: "round" });
  context.strokeStyle = getComputedStyle(canvas).color;
  for (const stroke of strokes) {
    const [first] = stroke;
    if (!first) continue;
    context.beginPath();
    context.moveTo(...first);
    for (const point of stroke) context.lineTo(...point);
    context.stroke();
  }
}
