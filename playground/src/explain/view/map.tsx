// The map: the ravine's contour lines, both paths whole and up to the present step, and the start, which can be moved.
import type { ComponentChildren, JSX, TargetedPointerEvent } from "preact";
import { useMemo } from "preact/hooks";
import { type Size, useSize } from "../../ui/size.js";
import { bounded, type ExplainState } from "../state.js";
import { short } from "../story/format.js";
import { type Pair, type Path, type Paths, pointAt } from "../story/paths.js";
import { Contours } from "./contours.js";
import { Magnifier } from "./magnifier.js";
import { dotsOf, lineOf, type Projection, pixelsOf, pointOf, projection, REACH } from "./projection.js";
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
    if (!ref.current) return;
    // Without its border, as the size is.
    const { clientLeft, clientTop } = ref.current;
    const { left, top } = ref.current.getBoundingClientRect();
    const { x, y } = pointOf({ x: event.clientX - left - clientLeft, y: event.clientY - top - clientTop }, size);
    move({ x: tidy(bounded("x", x)), y: tidy(bounded("y", y)) });
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the handle of the start is moved by keys
    // biome-ignore lint/a11y/noStaticElementInteractions: the handle is what assistive technology finds
    <div class="ravine" ref={ref} onClick={moveTo}>
      {size.width > 0 && (
        <div role="img" aria-label={labelOf(paths, step)}>
          <Layer size={size}>
            <Contours plane={plane} />
          </Layer>
          {paths && <PathLayers paths={paths} plane={plane} step={step} learningRate={learningRate} />}
        </div>
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

interface LayerProps {
  readonly size: Size;
  readonly children: ComponentChildren;
}

/** A picture of its own, so that what does not change is not drawn again. */
function Layer({ size: { width, height }, children }: LayerProps): JSX.Element {
  return (
    <svg class="layer" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {children}
    </svg>
  );
}

interface LayersProps extends Pick<MapProps, "step" | "learningRate"> {
  readonly paths: Paths;
  readonly plane: Projection;
}

const NAMES = ["sgd", "rmsprop"] as const;

/** Both runs: the whole way faint, above it the way so far strong. */
function PathLayers({ paths, plane, step, learningRate }: LayersProps): JSX.Element {
  const { width, height } = plane.size;
  const pixels = useMemo(() => {
    const all = (path: Path): readonly string[] => pixelsOf(path, plane, 0, (path.get("x")?.length ?? 1) - 1);
    return { rmsprop: all(paths.rmsprop), sgd: all(paths.sgd) };
  }, [paths, width, height]);
  const whole = useMemo(() => ({ rmsprop: lineOf(pixels.rmsprop), sgd: lineOf(pixels.sgd) }), [pixels]);
  const soFar = { rmsprop: pixels.rmsprop.slice(0, step + 1), sgd: pixels.sgd.slice(0, step + 1) };
  return (
    <>
      <Layer size={plane.size}>
        {NAMES.map((name) => (
          <path key={name} class={`whole ${name}`} d={whole[name]} />
        ))}
      </Layer>
      <Layer size={plane.size}>
        {NAMES.map((name) => (
          <g key={name} class={name}>
            <path class="so-far" d={lineOf(soFar[name])} />
            {name === "rmsprop" && <path class="dots" d={dotsOf(soFar.rmsprop)} />}
            <Mark at={plane.to(pointAt(paths[name], step))} />
          </g>
        ))}
        <Label text="SGD" name="sgd" at={plane.to(pointAt(paths.sgd, 1))} plane={plane} />
        <Label text="RMSprop" name="rmsprop" at={plane.to(pointAt(paths.rmsprop, 14))} plane={plane} />
        <Magnifier paths={paths} map={plane} step={step} learningRate={learningRate} />
      </Layer>
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
