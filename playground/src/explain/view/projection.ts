// From the plane to pixels of the map and of its magnifier, and lines as SVG takes them.
import type { Size } from "../../ui/size.js";
import { type Pair, type Path, pointAt } from "../story/paths.js";

/** Half of what the map shows of each axis. */
export const REACH: Pair = { x: 5, y: 2.5 };
/** What lies further out than this many pixels is drawn there. */
const FAR = 10_000;

export interface Projection {
  readonly size: Size;
  to(point: Pair): Pair;
}

/** The part of the plane around the minimum that reaches so far along each axis. */
export function projection(size: Size, reach: Pair): Projection {
  const clip = (pixel: number): number => Math.max(-FAR, Math.min(FAR, pixel));
  return {
    size,
    to: ({ x, y }) => ({
      x: clip(size.width * (0.5 + x / reach.x / 2)),
      y: clip(size.height * (0.5 - y / reach.y / 2)),
    }),
  };
}

/** Where a pixel of the map is on the plane. */
export function pointOf(pixel: Pair, { width, height }: Size): Pair {
  return { x: (pixel.x / width - 0.5) * 2 * REACH.x, y: (0.5 - pixel.y / height) * 2 * REACH.y };
}

/** Where a run is from one step to another, as SVG writes points; what is not finite is left out. */
export function pixelsOf(path: Path, { to }: Projection, from: number, last: number): readonly string[] {
  const pixels: string[] = [];
  for (let step = from; step <= last; step++) {
    const point = pointAt(path, step);
    if (!Number.isFinite(point.x) || !Number.isFinite(point.y)) continue;
    const { x, y } = to(point);
    pixels.push(`${x.toFixed(1)},${y.toFixed(1)}`);
  }
  return pixels;
}

/** A line through pixels as the `d` of an SVG path. */
export function lineOf(pixels: readonly string[]): string {
  return pixels.length > 0 ? `M${pixels.join("L")}` : "";
}

/** A dot at each pixel, as the `d` of a path with round caps. */
export function dotsOf(pixels: readonly string[]): string {
  return pixels.map((pixel) => `M${pixel}h0`).join("");
}
