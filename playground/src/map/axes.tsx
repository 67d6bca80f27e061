// What stands on the ground of a map: the axes with their numbers and titles, and where the loss is least.
import type { JSX } from "preact";
import type { Point } from "../landscape/surfaces.js";
import type { Projection } from "./projection.js";
import { ticksOf } from "./ticks.js";

interface AxesProps {
  readonly plane: Projection;
  readonly titles: { readonly x: string; readonly y: string };
  readonly minima: readonly Point[];
}

/** Numbers closer to a corner than this many pixels are left out. */
const CORNER = 30;

export function Axes({ plane, titles, minima }: AxesProps): JSX.Element {
  const { size, extent } = plane;
  const { centre, width, height } = extent;
  const xs = ticksOf(centre.x - width, centre.x + width, Math.max(5, size.width / 90)).map((x) => ({
    text: textOf(x),
    at: plane.to({ x, y: centre.y }).x,
  }));
  const ys = ticksOf(centre.y - height, centre.y + height, Math.max(5, size.height / 60)).map((y) => ({
    text: textOf(y),
    at: plane.to({ x: centre.x, y }).y,
  }));
  return (
    <g class="map-axes">
      {xs
        .filter(({ at }) => at > CORNER && at < size.width - CORNER / 2)
        .map(({ text, at }) => (
          <g key={text}>
            <path d={`M${at},${size.height}v-5`} />
            <text x={at} y={size.height - 9} text-anchor="middle">
              {text}
            </text>
          </g>
        ))}
      {ys
        .filter(({ at }) => at > CORNER / 2 && at < size.height - CORNER)
        .map(({ text, at }) => (
          <g key={text}>
            <path d={`M0,${at}h5`} />
            <text x={9} y={at + 4}>
              {text}
            </text>
          </g>
        ))}
      <text class="axis x" x={size.width - 10} y={size.height / 2 - 9} text-anchor="end">
        {titles.x}
      </text>
      <text class="axis y" x={size.width / 2 + 12} y={20}>
        {titles.y}
      </text>
      {minima.map((minimum) => (
        <Minimum key={`${minimum.x}`} at={plane.to(minimum)} />
      ))}
    </g>
  );
}

/** A cross. */
export function Minimum({ at: { x, y } }: { readonly at: Point }): JSX.Element {
  return <path class="minimum" d={`M${x - 6},${y}h12M${x},${y - 6}v12`} />;
}

function textOf(value: number): string {
  return String(value).replace("-", "−");
}
