// A drawing as the data set has its digits: as high as 32 x 32 pixels, in the middle, with as much ink; then the black
// pixels in blocks of 4 x 4 are counted. How that set was made: E. Alpaydin and C. Kaynak, doi.org/10.24432/C50P49.
import { MAX_INK, PIXELS } from "../../../../examples/digits/data.js";

export type Point = readonly [x: number, y: number];
/** A line that was drawn without lifting the pen; a dot is one point. */
export type Stroke = readonly Point[];

const SIZE = 32;
const BLOCK = 4;
/** The digits of the set are as high as their image, and no wider than this. */
const WIDEST = 24;
/** Mean ink of a digit of the set, in pixels of its image. */
const INK = 312;
const THINNEST = 1;
const THICKEST = 6;
const ROUNDS = 6;
/** What is flatter than this share of its width stays flat. */
const FLATTEST = 0.5;

/** The image that the network sees: 64 numbers from 0 to 1. */
export function imageOf(strokes: readonly Stroke[]): Float32Array<ArrayBuffer> {
  const counts = new Float32Array(PIXELS);
  if (strokes.length === 0) return counts;
  bitmapOf(strokes).forEach((isBlack, i) => {
    const [row, column] = [Math.floor(i / SIZE / BLOCK), Math.floor((i % SIZE) / BLOCK)];
    const block = row * (SIZE / BLOCK) + column;
    counts[block] = (counts[block] ?? 0) + isBlack;
  });
  return counts.map((count) => count / MAX_INK);
}

/** The drawing with the pen that gives as much ink as the digits of the set have, found by halving. */
function bitmapOf(strokes: readonly Stroke[]): Uint8Array {
  let [thin, thick] = [THINNEST, THICKEST];
  for (let round = 0; round < ROUNDS; round++) {
    const middle = (thin + thick) / 2;
    const ink = drawn(strokes, middle).reduce((sum, isBlack) => sum + isBlack, 0);
    if (ink < INK) thin = middle;
    else thick = middle;
  }
  return drawn(strokes, (thin + thick) / 2);
}

/** 1 for each pixel whose middle is within the radius of a line. */
function drawn(strokes: readonly Stroke[], radius: number): Uint8Array {
  const lines = fitted(strokes, radius).flatMap(segmentsOf);
  return Uint8Array.from({ length: SIZE * SIZE }, (_, i) => {
    const middle: Point = [(i % SIZE) + 0.5, Math.floor(i / SIZE) + 0.5];
    return lines.some(([from, to]) => squaredDistance(middle, from, to) <= radius * radius) ? 1 : 0;
  });
}

/** The strokes in a place where the pen of that radius fills the image from top to bottom. */
function fitted(strokes: readonly Stroke[], radius: number): Stroke[] {
  const [xs, ys] = [strokes.flat().map(([x]) => x), strokes.flat().map(([, y]) => y)];
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const height = Math.max(bottom - top, (right - left) * FLATTEST, 1);
  const scaleY = (SIZE - 2 * radius) / height;
  const scaleX = Math.min(scaleY, (WIDEST - 2 * radius) / Math.max(right - left, 1));
  const [centerX, centerY] = [(left + right) / 2, (top + bottom) / 2];
  return strokes.map((stroke) =>
    stroke.map(([x, y]): Point => [SIZE / 2 + (x - centerX) * scaleX, SIZE / 2 + (y - centerY) * scaleY]),
  );
}

function segmentsOf(stroke: Stroke): (readonly [Point, Point])[] {
  return stroke.map((point, i) => [stroke[i - 1] ?? point, point] as const);
}

function squaredDistance([x, y]: Point, [fromX, fromY]: Point, [toX, toY]: Point): number {
  const [alongX, alongY] = [toX - fromX, toY - fromY];
  const length = alongX * alongX + alongY * alongY;
  const share = length === 0 ? 0 : ((x - fromX) * alongX + (y - fromY) * alongY) / length;
  const near = Math.min(1, Math.max(0, share));
  return (x - fromX - near * alongX) ** 2 + (y - fromY - near * alongY) ** 2;
}
