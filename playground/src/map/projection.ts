// From the plane to pixels of a map, and lines as SVG takes them.
import { type Path, pointAt } from "../explain/story/paths.js";
import type { Extent, Point } from "../landscape/surfaces.js";
import type { Size } from "../ui/size.js";

/** What lies further out than this many pixels is drawn there. */
const FAR = 10_000;

export interface Projection {
  readonly size: Size;
  readonly extent: Extent;
  /** The pixel of a point; NaN stays NaN. */
  to(point: Point): Point;
  /** The point of a pixel. */
  from(pixel: Point): Point;
}

export function projection(size: Size, extent: Extent): Projection {
  const { centre, width, height } = extent;
  const clip = (pixel: number): number => Math.max(-FAR, Math.min(FAR, pixel));
  return {
    size,
    extent,
    to: ({ x, y }) => ({
      x: clip(size.width * (0.5 + (x - centre.x) / width / 2)),
      y: clip(size.height * (0.5 - (y - centre.y) / height / 2)),
    }),
    from: ({ x, y }) => ({
      x: centre.x + (x / size.width - 0.5) * 2 * width,
      y: centre.y + (0.5 - y / size.height) * 2 * height,
    }),
  };
}

/** Where a run is from one step to another, as SVG writes points; what is not finite is left out. */
export function pixelsOf(path: Path, { to }: Pick<Projection, "to">, from: number, last: number): readonly string[] {
  const pixels: string[] = [];
  for (let step = from; step <= last; step++) {
    const point = pointAt(path, step);
    if (!isPlace(point)) continue;
    const { x, y } = to(point);
    pixels.push(`${x.toFixed(1)},${y.toFixed(1)}`);
  }
  return pixels;
}

/** Whether it is anywhere: a run that has overflowed is not. */
export function isPlace({ x, y }: Point): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

/** A line through pixels as the `d` of an SVG path. */
export function lineOf(pixels: readonly string[]): string {
  return pixels.length > 0 ? `M${pixels.join("L")}` : "";
}

/** A dot at each pixel, as the `d` of a path with round caps. */
export function dotsOf(pixels: readonly string[]): string {
  return pixels.map((pixel) => `M${pixel}h0`).join("");
}
