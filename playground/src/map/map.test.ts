// Contour lines lie where the loss has their value and are closed; ticks are round; names at one place do not cover each other.
import { describe, expect, test } from "vitest";
import { SURFACES, type SurfaceName, surfaceOf } from "../landscape/surfaces.js";
import { contourOf, type Grid } from "./contours.js";
import { type Name, placesOf } from "./names.js";
import { projection } from "./projection.js";
import { ticksOf } from "./ticks.js";

function gridOf(columns: number, rows: number, heightAt: (x: number, y: number) => number): Grid {
  const heights = new Float64Array((columns + 1) * (rows + 1)).map((_, i) =>
    heightAt(i % (columns + 1), Math.floor(i / (columns + 1))),
  );
  return { columns, rows, heights };
}

/** The points of each closed line. */
function ringsOf(path: string): { readonly x: number; readonly y: number }[][] {
  return path
    .split("M")
    .slice(1)
    .map((ring) =>
      ring
        .replace(/Z$/, "")
        .split("L")
        .map((point) => {
          const [x = Number.NaN, y = Number.NaN] = point.split(",").map(Number);
          return { x, y };
        }),
    );
}

describe("contour lines", () => {
  test("of a cone are a circle at their height, one closed line", () => {
    const grid = gridOf(40, 30, (x, y) => Math.hypot(x - 20, y - 15));
    const path = contourOf(grid, 10);
    const rings = ringsOf(path);
    expect(rings).toHaveLength(1);
    expect(path.endsWith("Z")).toBe(true);
    const far = (rings[0] ?? []).map(({ x, y }) => Math.abs(Math.hypot(x - 20, y - 15) - 10));
    expect(far.length).toBeGreaterThan(50);
    expect(Math.max(...far)).toBeLessThan(0.05);
  });

  test("go around each of two hollows, and around a hill within low ground", () => {
    const hollows = gridOf(60, 20, (x, y) => Math.min(Math.hypot(x - 15, y - 10), Math.hypot(x - 45, y - 10)));
    expect(ringsOf(contourOf(hollows, 5))).toHaveLength(2);
    const hill = gridOf(40, 40, (x, y) => -Math.hypot(x - 20, y - 20));
    // One around the hill, and one along the rim.
    expect(ringsOf(contourOf(hill, -5))).toHaveLength(2);
  });

  test("join opposite corners where the middle between them is low", () => {
    const corners = (middle: number) => gridOf(1, 1, (x, y) => (x === y ? 0 : middle));
    expect(ringsOf(contourOf(corners(1.5), 1))).toHaveLength(1);
    expect(ringsOf(contourOf(corners(3), 1))).toHaveLength(2);
  });

  test("of level ground are none", () => {
    expect(
      contourOf(
        gridOf(4, 4, () => 2),
        1,
      ),
    ).toBe("");
  });
});

test.each([
  [-5, 5, 5, [-4, -2, 0, 2, 4]],
  [-2.5, 2.5, 5, [-2, -1, 0, 1, 2]],
  [-0.5, 2.5, 7, [-0.5, 0, 0.5, 1, 1.5, 2, 2.5]],
  [0, 0.03, 3, [0, 0.01, 0.02, 0.03]],
])("from %f to %f, about %i ticks, the axis has %o", (low, high, most, ticks) => {
  expect(ticksOf(low, high, most)).toEqual(ticks);
});

test("a pixel's point is the point whose pixel it is", () => {
  const plane = projection({ width: 700, height: 420 }, surfaceOf("rosenbrock"));
  const point = { x: -1.25, y: 1.75 };
  const back = plane.from(plane.to(point));
  expect([back.x, back.y].map((value) => Number(value.toFixed(12)))).toEqual([point.x, point.y]);
  expect(plane.to({ x: Number.NaN, y: 0 }).x).toBeNaN();
});

describe("names", () => {
  const size = { width: 360, height: 216 };
  const boxOf = (name: Name, place: { readonly x: number; readonly y: number; readonly isLeft: boolean }) => {
    const width = name.text.length * 8.6;
    const left = place.isLeft ? place.x - width : place.x;
    return { left, right: left + width, top: place.y - 13, bottom: place.y + 4 };
  };
  const named = (...points: (readonly [number, number])[]): Name[] =>
    points.map(([x, y], i) => ({ text: `${i + 1}. RMSprop`, at: { x, y }, path: `run${i}` }));

  test.each([
    ["at one place", named([180, 108], [180, 108], [182, 108], [180, 110])],
    ["outside of the map", named([-9000, 20], [9000, 9000], [180, -400], [359, 215])],
    ["in the corners", named([0, 0], [360, 0], [0, 216], [360, 216])],
  ])("of runs that end %s are all within the map, and apart", (_, names) => {
    const boxes = placesOf(names, size).map((place, i) => boxOf(names[i] as Name, place)); // there is one for each
    for (const [i, box] of boxes.entries()) {
      expect(box.left).toBeGreaterThanOrEqual(0);
      expect(box.right).toBeLessThanOrEqual(size.width);
      expect(box.top).toBeGreaterThanOrEqual(0);
      expect(box.bottom).toBeLessThanOrEqual(size.height);
      for (const other of boxes.slice(i + 1))
        expect(
          box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom,
        ).toBe(false);
    }
  });
});

test.each(Object.keys(SURFACES) as SurfaceName[])(
  "on the surface %s nothing near is lower than the minima that the map marks, and they are in sight",
  (name) => {
    const surface = surfaceOf(name);
    const { centre, width, height } = surface;
    for (const { x, y } of surface.minima) {
      expect(Math.abs(x - centre.x) < width && Math.abs(y - centre.y) < height).toBe(true);
      const lowest = surface.loss({ x, y });
      for (const [dx, dy] of [
        [0.05, 0],
        [-0.05, 0],
        [0, 0.05],
        [0, -0.05],
      ] as const)
        expect(surface.loss({ x: x + dx, y: y + dy })).toBeGreaterThan(lowest);
    }
    expect(surface.minima.length > 0).toBe(name !== "slope");
  },
);
