// The map: the ravine's contour lines, both paths whole and up to the present step, and the start, which can be moved.
import type { ComponentChildren, JSX, TargetedPointerEvent } from "preact";
import { useMemo } from "preact/hooks";
import { surfaceOf } from "../../landscape/surfaces.js";
import { Axes } from "../../map/axes.js";
import { Ground } from "../../map/ground.js";
import { Names } from "../../map/names.js";
import { dotsOf, isPlace, lineOf, type Projection, pixelsOf, projection } from "../../map/projection.js";
import { pixelIn, Reading } from "../../map/reading.js";
import { type Size, useSize } from "../../ui/size.js";
import { bounded, EXTENT, type ExplainState } from "../state.js";
import { short } from "../story/format.js";
import { type Pair, type Path, type Paths, pointAt } from "../story/paths.js";
import { Magnifier } from "./magnifier.js";
import { StartHandle } from "./start-handle.js";

interface MapProps {
  readonly paths: Paths | null;
  readonly start: ExplainState["start"];
  readonly step: number;
  readonly learningRate: number;
  move(start: ExplainState["start"]): void;
}

const RAVINE = surfaceOf("ravine");
const TITLES = { x: "x: flat, gradient 0.1·x", y: "y: steep, gradient 10·y" };
/** On maps that are less than so many pixels wide. */
const SHORT_TITLES = { x: "x: flat", y: "y: steep" };
const NARROW = 480;

export function RavineMap({ paths, start, step, learningRate, move }: MapProps): JSX.Element {
  const [ref, size] = useSize<HTMLDivElement>();
  const plane = projection(size, EXTENT);
  const moveTo = (event: TargetedPointerEvent<HTMLElement> | MouseEvent): void => {
    if (!ref.current) return;
    const { x, y } = plane.from(pixelIn(ref.current, { x: event.clientX, y: event.clientY }));
    move({ x: tidy(bounded("x", x)), y: tidy(bounded("y", y)) });
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the handle of the start is moved by keys
    // biome-ignore lint/a11y/noStaticElementInteractions: the handle is what assistive technology finds
    <div class="ravine" ref={ref} onClick={moveTo}>
      {size.width > 0 && (
        <div role="img" aria-label={labelOf(paths, step)}>
          <Ground surface={RAVINE} extent={EXTENT} />
          <Layer size={size}>
            <Axes plane={plane} titles={size.width < NARROW ? SHORT_TITLES : TITLES} minima={RAVINE.minima} />
          </Layer>
          {paths && <PathLayers paths={paths} plane={plane} step={step} learningRate={learningRate} />}
        </div>
      )}
      {size.width > 0 && <StartHandle start={start} pixel={plane.to(start)} move={move} drag={moveTo} />}
      {size.width > 0 && <Reading over={ref} plane={plane} surface={RAVINE} />}
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
        <Names
          names={[
            { text: "minimum", path: "lowest", at: plane.to(EXTENT.centre) },
            { text: "SGD", path: "sgd", at: plane.to(pointAt(paths.sgd, 1)) },
            { text: "RMSprop", path: "rmsprop", at: plane.to(pointAt(paths.rmsprop, 14)) },
          ].filter(({ at }) => isPlace(at))}
          size={plane.size}
        />
        <Magnifier paths={paths} map={plane} step={step} learningRate={learningRate} />
      </Layer>
    </>
  );
}

function Mark({ at }: { at: Pair }): JSX.Element | null {
  return isPlace(at) ? <circle class="mark" cx={at.x} cy={at.y} r="7" /> : null;
}
