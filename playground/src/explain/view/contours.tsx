// The ground of the map: lines of equal loss, the axes with their numbers, and the minimum.
import type { JSX } from "preact";
import { type Projection, REACH } from "./projection.js";

/** Losses that have a line. Each is about three times the one before. */
const LEVELS = [0.1, 0.3, 0.8, 2, 4, 8, 14, 22, 32];
const TICKS = { x: [-4, -2, 2, 4], y: [-2, -1, 1, 2] } as const;

export function Contours({ plane }: { readonly plane: Projection }): JSX.Element {
  const { width, height } = plane.size;
  const isNarrow = width < 480;
  const middle = plane.to({ x: 0, y: 0 });
  return (
    <g class="ground">
      {LEVELS.toReversed().map((loss) => (
        <ellipse
          key={loss}
          cx={middle.x}
          cy={middle.y}
          rx={(Math.sqrt(loss / 0.05) / REACH.x / 2) * width}
          ry={(Math.sqrt(loss / 5) / REACH.y / 2) * height}
        />
      ))}
      {TICKS.x.map((x) => (
        <text key={`x${x}`} class="tick" x={plane.to({ x, y: 0 }).x} y={height - 7} text-anchor="middle">
          {String(x).replace("-", "−")}
        </text>
      ))}
      {TICKS.y.map((y) => (
        <text key={`y${y}`} class="tick" x={8} y={plane.to({ x: 0, y }).y + 4}>
          {String(y).replace("-", "−")}
        </text>
      ))}
      <text class="axis x" x={width - 10} y={middle.y - 9} text-anchor="end">
        {isNarrow ? "x: flat" : "x: flat, gradient 0.1·x"}
      </text>
      <text class="axis y" x={middle.x + 12} y={20}>
        {isNarrow ? "y: steep" : "y: steep, gradient 10·y"}
      </text>
      <path class="minimum" d={`M${middle.x - 6},${middle.y}h12M${middle.x},${middle.y - 6}v12`} />
    </g>
  );
}
