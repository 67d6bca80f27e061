// The map: the ravine's contour lines, both paths whole and up to the present step, and the start, which can be moved.
import type { JSX, TargetedPointerEvent } from "preact";
import { useSize } from "../../ui/size.js";
import { bounded, type ExplainState } from "../state.js";
import { short } from "../story/format.js";
import { type Pair, type Paths, pointAt } from "../story/paths.js";
import { Contours } from "./contours.js";
import { Magnifier } from "./magnifier.js";
import { dotsOf, lineOf, type Projection, pointOf, projection, REACH } from "./projection.js";
import { StartHandle } from "./start-handle.js";

interface MapProps {
  readonly paths: Paths | null;
  readonly start: ExplainState["start"];
  readonly step: number;
  readonly learningRate: number;
  move(start: ExplainState["start"]): void;
}

export function RavineMap({ paths, start, step, learningRate, move }: MapProps): JSX.Element {
  const [ref, size] = useSize<HTMLDivElement>();
  const plane = projection(size, REACH);
  const moveTo = (event: TargetedPointerEvent<HTMLElement> | MouseEvent): void => {
    const box = ref.current?.getBoundingClientRect();
    if (!box) return;
    const { x, y } = pointOf({ x: event.clientX - box.left, y: event.clientY - box.top }, size);
    move({ x: tidy(bounded("x", x)), y: tidy(bounded("y", y)) });
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the handle of the start is moved by keys
    // biome-ignore lint/a11y/noStaticElementInteractions: the handle is what assistive technology finds
    <div class="ravine" ref={ref} onClick={moveTo}>
      {size.width > 0 && (
        <svg viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={labelOf(paths, step)}>
          <Contours plane={plane} />
          {paths && <PathLines paths={paths} plane={plane} step={step} />}
          {paths && <Magnifier paths={paths} map={plane} step={step} learningRate={learningRate} />}
        </svg>
      )}
      {size.width > 0 && <StartHandle start={start} pixel={plane.to(start)} move={move} drag={moveTo} />}
    </div>
  );
}

function tidy(value: number): number {
  return Number(value.toFixed(2));
}

function labelOf(paths: Paths | null, step: number): string {
  if (!paths) return "Map of the loss: the paths are being computed";
  const place = (name: keyof Paths): string => {
    const { x, y } = pointAt(paths[name], step);
    return `x ${short(x)}, y ${short(y)}`;
  };
  return `Map of the loss. After step ${step} RMSprop is at ${place("rmsprop")}; SGD at ${place("sgd")}. The minimum is at 0, 0.`;
}

interface LinesProps {
  readonly paths: Paths;
  readonly plane: Projection;
  readonly step: number;
}

/** Both runs: the whole way faint, the way so far strong. */
function PathLines({ paths, plane, step }: LinesProps): JSX.Element {
  const last = (paths.rmsprop.get("x")?.length ?? 1) - 1;
  return (
    <>
      {(["sgd", "rmsprop"] as const).map((name) => (
        <g key={name} class={name}>
          <path class="whole" d={lineOf(paths[name], plane, 0, last)} />
          <path class="so-far" d={lineOf(paths[name], plane, 0, step)} />
          {name === "rmsprop" && <path class="dots" d={dotsOf(paths[name], plane, 0, step)} />}
          <Mark at={plane.to(pointAt(paths[name], step))} />
        </g>
      ))}
      <Label text="SGD" name="sgd" at={plane.to(pointAt(paths.sgd, 1))} plane={plane} />
      <Label text="RMSprop" name="rmsprop" at={plane.to(pointAt(paths.rmsprop, 14))} plane={plane} />
    </>
  );
}

function Mark({ at: { x, y } }: { at: Pair }): JSX.Element | null {
  return Number.isFinite(x) && Number.isFinite(y) ? <circle class="mark" cx={x} cy={y} r="7" /> : null;
}

interface LabelProps {
  readonly text: string;
  readonly name: keyof Paths;
  readonly at: Pair;
  readonly plane: Projection;
}

/** On the side towards the middle of the map. */
function Label({ text, name, at, plane: { size } }: LabelProps): JSX.Element | null {
  if (!Number.isFinite(at.x) || !Number.isFinite(at.y)) return null;
  const isLeft = at.x < size.width / 2;
  const x = Math.max(12, Math.min(size.width - 12, at.x + (isLeft ? 14 : -14)));
  const y = Math.max(16, Math.min(size.height - 10, at.y + (at.y < size.height / 2 ? -8 : 14)));
  return (
    <text class={`name ${name}`} x={x} y={y} text-anchor={isLeft ? "start" : "end"}>
      {text}
    </text>
  );
}
