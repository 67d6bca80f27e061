// The ground of a map: lines of equal loss, and the darker the lower.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Extent, Surface } from "../landscape/surfaces.js";
import { contourOf, type Grid } from "./contours.js";

/** Cells that are seen, across and down; one more lies beyond each rim, so that no line runs along it. */
const CELLS = { across: 140, down: 100 };
const LINES = 10;
/** The lines are logarithmic from this part of the whole range on, so that there are some near the minimum, too. */
const FINE = 1 / 100;

interface GroundProps {
  readonly surface: Surface;
  /** The part that is shown; the surface's own unless given. */
  readonly extent?: Extent | undefined;
}

export function Ground({ surface, extent = surface }: GroundProps): JSX.Element {
  const lines = useMemo(() => linesOf(surface, extent), [surface, extent]);
  return (
    <svg
      class="layer ground"
      viewBox={`1 1 ${CELLS.across} ${CELLS.down}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {lines.map((line, i) => (
        <path key={i} d={line} />
      ))}
    </svg>
  );
}

/** From the highest line to the lowest. */
function linesOf(surface: Surface, extent: Extent): readonly string[] {
  const grid = gridOf(surface, extent);
  const highest = grid.heights.reduce((high, height) => Math.max(high, height), 0);
  return Array.from({ length: LINES }, (_, i) => contourOf(grid, (highest * (LINES - i)) / (LINES + 1)));
}

/** Logarithms of the losses above the lowest one. */
function gridOf(surface: Surface, { centre, width, height }: Extent): Grid {
  const [columns, rows] = [CELLS.across + 2, CELLS.down + 2];
  const losses = new Float64Array((columns + 1) * (rows + 1)).map((_, i) => {
    const column = i % (columns + 1);
    const row = Math.floor(i / (columns + 1));
    const x = centre.x + ((column - 1) / CELLS.across - 0.5) * 2 * width;
    const y = centre.y - ((row - 1) / CELLS.down - 0.5) * 2 * height;
    return surface.loss({ x, y });
  });
  const lowest = losses.reduce((low, loss) => Math.min(low, loss), Number.POSITIVE_INFINITY);
  const range = losses.reduce((high, loss) => Math.max(high, loss - lowest), 0);
  const unit = Math.min(1, range * FINE);
  return { columns, rows, heights: losses.map((loss) => Math.log1p((loss - lowest) / unit)) };
}
