// Lines of equal height around what lies lower, by marching squares: closed, so that they can be filled.

/** Heights at the corners of square cells, row by row from the top. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** (columns + 1) * (rows + 1) of them. */
  readonly heights: Float64Array;
}

type Edge = "top" | "right" | "bottom" | "left";
type Segment = readonly [from: Edge, to: Edge];

/** By which corners are low - top left 1, top right 2, bottom right 4, bottom left 8 - the lines through a cell, low ground on their right. */
const SEGMENTS: readonly (readonly Segment[])[] = [
  [],
  [["top", "left"]],
  [["right", "top"]],
  [["right", "left"]],
  [["bottom", "right"]],
  // The two cells in which opposite corners are low are in SADDLES.
  [],
  [["bottom", "top"]],
  [["bottom", "left"]],
  [["left", "bottom"]],
  [["top", "bottom"]],
  [],
  [["right", "bottom"]],
  [["left", "right"]],
  [["top", "right"]],
  [["left", "top"]],
  [],
];

/** Where the middle of the cell is low, the low corners are joined. */
const SADDLES: Readonly<Record<number, { readonly joined: readonly Segment[]; readonly apart: readonly Segment[] }>> = {
  5: {
    joined: [
      ["top", "right"],
      ["bottom", "left"],
    ],
    apart: [
      ["top", "left"],
      ["bottom", "right"],
    ],
  },
  10: {
    joined: [
      ["left", "top"],
      ["right", "bottom"],
    ],
    apart: [
      ["right", "top"],
      ["left", "bottom"],
    ],
  },
};

/** What is lower than `level` as closed lines, the `d` of an SVG path in cells. Low ground at the rim is cut off there. */
export function contourOf(grid: Grid, level: number): string {
  const lines = new Map<number, number>();
  for (let row = -1; row <= grid.rows; row++)
    for (let column = -1; column <= grid.columns; column++)
      for (const [from, to] of segmentsOf(grid, column, row, level))
        lines.set(edgeKey(grid, column, row, from), edgeKey(grid, column, row, to));
  const rings: string[] = [];
  for (const [start] of lines) {
    const points: string[] = [];
    let next: number | undefined = start;
    while (next !== undefined && lines.has(next)) {
      const key: number = next;
      points.push(crossingOf(grid, key, level));
      next = lines.get(key);
      lines.delete(key);
    }
    if (points.length > 2) rings.push(`M${points.join("L")}Z`);
  }
  return rings.join("");
}

/** Around the grid everything is as high as this. */
const HIGH = 1e300;

function heightAt({ columns, rows, heights }: Grid, column: number, row: number): number {
  if (column < 0 || row < 0 || column > columns || row > rows) return HIGH;
  return heights[row * (columns + 1) + column] ?? HIGH;
}

function segmentsOf(grid: Grid, column: number, row: number, level: number): readonly Segment[] {
  const topLeft = heightAt(grid, column, row);
  const topRight = heightAt(grid, column + 1, row);
  const bottomRight = heightAt(grid, column + 1, row + 1);
  const bottomLeft = heightAt(grid, column, row + 1);
  const low =
    Number(topLeft < level) +
    2 * Number(topRight < level) +
    4 * Number(bottomRight < level) +
    8 * Number(bottomLeft < level);
  const saddle = SADDLES[low];
  if (!saddle) return SEGMENTS[low] ?? [];
  return (topLeft + topRight + bottomRight + bottomLeft) / 4 < level ? saddle.joined : saddle.apart;
}

/** A number for an edge of the grid, the same from both of its cells: twice that of its first corner, and one more if it goes down. */
function edgeKey(grid: Grid, column: number, row: number, edge: Edge): number {
  const right = edge === "right" ? 1 : 0;
  const down = edge === "bottom" ? 1 : 0;
  const corner = (row + down + 1) * (grid.columns + 3) + column + right + 1;
  return 2 * corner + (edge === "left" || edge === "right" ? 1 : 0);
}

/** Where the level lies on an edge. */
function crossingOf(grid: Grid, key: number, level: number): string {
  const goesDown = key % 2;
  const corner = (key - goesDown) / 2;
  const across = grid.columns + 3;
  const [column, row] = [(corner % across) - 1, Math.floor(corner / across) - 1];
  const from = heightAt(grid, column, row);
  const to = heightAt(grid, column + 1 - goesDown, row + goesDown);
  const part = (level - from) / (to - from);
  return `${(column + (goesDown ? 0 : part)).toFixed(2)},${(row + (goesDown ? part : 0)).toFixed(2)}`;
}
