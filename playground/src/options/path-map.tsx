// Both runs on the map of a surface, whose bands are lines of equal loss, with a mark on each at the step that is looked at.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { short } from "../explain/story/format.js";
import { type Pair, type Path, pointAt } from "../explain/story/paths.js";
import { type Surface, surfaceOf } from "../landscape/surfaces.js";
import { Ground } from "../map/ground.js";
import { lineOf, type Projection, pixelsOf, projection } from "../map/projection.js";
import { type Size, useSize } from "../ui/size.js";
import { type Look, lookedAt } from "./look.js";
import { placeAt, RUN_NAMES } from "./readings.js";
import { drawnPath, isNoisy, type Story, type Told, type View } from "./story.js";

interface MapProps {
  readonly story: Story;
  readonly view: Extract<View, { kind: "map" }>;
  readonly told: Told | null;
  readonly look: Look;
  /** The numbers at the step that is looked at. */
  readonly spoken: string;
}

export function PathMap({ story, view, told, look, spoken }: MapProps): JSX.Element {
  const [ref, size] = useSize<HTMLDivElement>();
  const surface = surfaceOf(story.surface);
  const plane = projection(size, surface);
  return (
    <div
      class="option-map"
      ref={ref}
      {...lookedAt({
        ...{ ...look, last: story.steps, label: labelOf(story, told), spoken },
        stepAt: (pixel) => told && nearestStep(story, told, plane, pixel),
      })}
    >
      <Ground surface={surface} />
      {size.width > 0 && (
        <svg class="layer" viewBox={`0 0 ${size.width} ${size.height}`} aria-hidden="true">
          {told && <Paths story={story} told={told} plane={plane} />}
          <Axes surface={surface} size={size} />
          <Cross at={plane.to(view.minimum)} />
          {told && look.step !== null && <Marks story={story} told={told} plane={plane} step={look.step} />}
        </svg>
      )}
    </div>
  );
}

function labelOf(story: Story, told: Told | null): string {
  const { title } = surfaceOf(story.surface);
  if (!told) return `Map of the loss surface ${title}: the paths are being computed`;
  const end = (path: Path): string => {
    const { x, y } = pointAt(path, (path.get("x")?.length ?? 1) - 1);
    return `x ${short(x)}, y ${short(y)}`;
  };
  const own = drawnPath(story, told.with);
  return `Map of the loss surface ${title}. The run ends at ${end(told.without)} without the option, at ${end(own)} with it.`;
}

/** From further away than this many pixels no step is meant. */
const REACH = 48;

/** The step at which one of the runs is nearest to a pixel, if any is near. */
function nearestStep(story: Story, told: Told, plane: Projection, pixel: Pair): number | null {
  let [nearest, least]: [number | null, number] = [null, REACH];
  for (const run of RUN_NAMES)
    for (let step = 0; step <= told.steps; step++) {
      const { x, y } = plane.to(placeAt(story, told, run, step));
      const distance = Math.hypot(x - pixel.x, y - pixel.y);
      if (distance < least) [nearest, least] = [step, distance];
    }
  return nearest;
}

function Marks({ story, told, plane, step }: PathsProps & { readonly step: number }): JSX.Element {
  return (
    <g class="looked">
      {RUN_NAMES.map((run) => {
        const { x, y } = plane.to(placeAt(story, told, run, step));
        return Number.isFinite(x + y) && <circle key={run} class={run} cx={x} cy={y} r="6" />;
      })}
    </g>
  );
}

interface PathsProps extends Pick<MapProps, "story"> {
  readonly told: Told;
  readonly plane: Projection;
}

function Paths({ story, told, plane }: PathsProps): JSX.Element {
  const { width, height } = plane.size;
  const runs = useMemo(
    () =>
      [["without", told.without] as const, ["with", drawnPath(story, told.with)] as const].map(([name, path]) => {
        const pixels = pixelsOf(path, plane, 0, (path.get("x")?.length ?? 1) - 1);
        return { name, line: lineOf(pixels), end: pixels.at(-1)?.split(",").map(Number) };
      }),
    [told, width, height],
  );
  // The thinner line is on top, but for noise, which covers everything.
  const ordered = isNoisy(story) ? runs : runs.toReversed();
  const { x, y } = plane.to(pointAt(told.without, 0));
  return (
    <g>
      {ordered.map(({ name, line, end }) => (
        <g key={name} class={name}>
          <path class="edge" d={line} />
          <path class="run-line" d={line} />
          {end && <circle class="mark" cx={end[0]} cy={end[1]} r="5.5" />}
        </g>
      ))}
      <circle class="from" cx={x} cy={y} r="5" />
      <text class="from" x={x + 9} y={y + 4}>
        start
      </text>
    </g>
  );
}

function Cross({ at: { x, y } }: { readonly at: Pair }): JSX.Element {
  return <path class="minimum" d={`M${x - 6},${y}h12M${x},${y - 6}v12`} />;
}

interface AxesProps {
  readonly surface: Surface;
  readonly size: Size;
}

/** The least and the greatest of each axis at its ends, its name between them. */
function Axes({ surface: { centre, width, height }, size }: AxesProps): JSX.Element {
  const bottom = size.height - 6;
  return (
    <g class="ticks">
      <text x={size.width / 2} y={bottom} text-anchor="middle">
        x
      </text>
      <text x={28} y={bottom}>
        {short(centre.x - width)}
      </text>
      <text x={size.width - 6} y={bottom} text-anchor="end">
        {short(centre.x + width)}
      </text>
      <text x={6} y={size.height / 2 + 4}>
        y
      </text>
      <text x={6} y={15}>
        {short(centre.y + height)}
      </text>
      <text x={6} y={size.height - 22}>
        {short(centre.y - height)}
      </text>
    </g>
  );
}
