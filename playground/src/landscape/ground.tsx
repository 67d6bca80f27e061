// The ground of a map: bands of equal loss, the lowest the darkest.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { onTheme } from "../ui/follow.js";
import type { Surface } from "./surfaces.js";

const GROUND = { width: 400, height: 240 };
const BANDS = 18;

export function Ground({ surface }: { readonly surface: Surface }): JSX.Element {
  const ground = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const paint = () => ground.current && paintGround(ground.current, surface);
    paint();
    return onTheme(paint);
  }, [surface]);
  return <canvas ref={ground} {...GROUND} />;
}

/** Darker is lower; the logarithm makes both ends of the range visible. */
function paintGround(canvas: HTMLCanvasElement, surface: Surface): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { centre } = surface;
  const { width, height } = GROUND;
  const image = context.createImageData(width, height);
  const heights = new Float64Array(width * height);
  for (let i = 0; i < heights.length; i++) {
    const x = centre.x + ((i % width) / width - 0.5) * 2 * surface.width;
    const y = centre.y - (Math.floor(i / width) / height - 0.5) * 2 * surface.height;
    heights[i] = surface.loss({ x, y });
  }
  const lowest = heights.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const range = heights.reduce((high, value) => Math.max(high, value - lowest), 0);
  // However small the losses of a surface are, its bands are those of its shape.
  const unit = Math.min(1, range / 10);
  const scaled = heights.map((value) => Math.log1p((value - lowest) / unit));
  const highest = scaled.reduce((high, value) => Math.max(high, value), 0);
  const bands = bandColors(matchMedia("(prefers-color-scheme: dark)").matches ? DARK : LIGHT);
  scaled.forEach((value, i) => {
    image.data.set(bands[Math.floor((value / highest) * BANDS)] ?? [], i * 4);
  });
  context.putImageData(image, 0, 0);
}

const LIGHT = [
  [126, 166, 214],
  [252, 250, 244],
] as const;
const DARK = [
  [8, 16, 30],
  [84, 100, 124],
] as const;

/** The colour of each band, from the lowest to the highest point. */
function bandColors([low, high]: typeof LIGHT | typeof DARK): number[][] {
  return Array.from({ length: BANDS + 1 }, (_, band) => [
    ...low.map((from, channel) => from + (((high[channel] ?? 0) - from) * band) / BANDS),
    255,
  ]);
}
