// The map of a surface: bands of equal loss, and on them the paths.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Track } from "./player.js";
import { type Point, type Surface, type SurfaceName, surfaceOf } from "./surfaces.js";

const WIDTH = 800;
const HEIGHT = 480;
const BANDS = 18;

interface MapProps {
  readonly surface: SurfaceName;
  readonly tracks: readonly Track[];
  /** A CSS variable for each track. */
  readonly colors: readonly string[];
}

export function LossMap({ surface: name, tracks, colors }: MapProps): JSX.Element {
  const ground = useRef<HTMLCanvasElement>(null);
  const paths = useRef<HTMLCanvasElement>(null);
  const surface = surfaceOf(name);
  useEffect(() => {
    const paint = () => ground.current && paintGround(ground.current, surface);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    paint();
    dark.addEventListener("change", paint);
    return () => dark.removeEventListener("change", paint);
  }, [surface]);
  useEffect(() => {
    if (paths.current) paintPaths(paths.current, surface, tracks, colors);
  });
  const label = `Map of the loss surface ${surface.title} with the paths; the numbers are in the table below`;
  return (
    <div class="map" role="img" aria-label={label}>
      <canvas ref={ground} width={WIDTH} height={HEIGHT} />
      <canvas ref={paths} width={WIDTH} height={HEIGHT} />
    </div>
  );
}

/** Darker is lower; the logarithm makes both ends of the range visible. */
function paintGround(canvas: HTMLCanvasElement, surface: Surface): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { centre, width, height } = surface;
  const image = context.createImageData(WIDTH, HEIGHT);
  const heights = new Float64Array(WIDTH * HEIGHT);
  for (let i = 0; i < heights.length; i++) {
    const x = centre.x + ((i % WIDTH) / WIDTH - 0.5) * 2 * width;
    const y = centre.y - (Math.floor(i / WIDTH) / HEIGHT - 0.5) * 2 * height;
    heights[i] = surface.loss({ x, y });
  }
  const lowest = heights.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const scaled = heights.map((value) => Math.log1p(value - lowest));
  const highest = scaled.reduce((high, value) => Math.max(high, value), 0);
  const [low, high] = matchMedia("(prefers-color-scheme: dark)").matches ? DARK : LIGHT;
  scaled.forEach((value, i) => {
    const share = Math.floor((value / highest) * BANDS) / BANDS;
    image.data.set([...low.map((from, c) => from + ((high[c] ?? 0) - from) * share), 255], i * 4);
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

function paintPaths(
  canvas: HTMLCanvasElement,
  surface: Surface,
  tracks: readonly Track[],
  colors: readonly string[],
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const style = getComputedStyle(canvas);
  context.clearRect(0, 0, WIDTH, HEIGHT);
  context.lineWidth = 2.5;
  context.lineJoin = "round";
  for (const [i, { samples }] of tracks.entries()) {
    const color = style.getPropertyValue(colors[i] ?? "--quiet");
    const points = samples.filter(isFinitePoint).map((sample) => placeOf(sample, surface));
    drawLine(context, points, color, false);
    drawEnd(context, points.at(-1), color, true);
    const averages = samples.flatMap(({ state }) => averageOf(state)).filter(isFinitePoint);
    if (averages.length < 2) continue;
    const averaged = averages.slice(1).map((point) => placeOf(point, surface));
    drawLine(context, averaged, color, true);
    drawEnd(context, averaged.at(-1), color, false);
  }
}

/** Where the moving average is, if there is one. */
function averageOf(state: Readonly<Record<string, number>>): Point[] {
  const { x_average: x, y_average: y } = state;
  return x === undefined || y === undefined ? [] : [{ x, y }];
}

function isFinitePoint({ x, y }: Point): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

/** Its pixel; one that is far out stays within what a canvas can draw. */
function placeOf({ x, y }: Point, { centre, width, height }: Surface): Point {
  const bounded = (pixel: number): number => Math.max(-1e5, Math.min(1e5, pixel));
  return {
    x: bounded(((x - centre.x) / width / 2 + 0.5) * WIDTH),
    y: bounded((0.5 - (y - centre.y) / height / 2) * HEIGHT),
  };
}

function drawLine(context: CanvasRenderingContext2D, points: readonly Point[], color: string, dashed: boolean): void {
  context.strokeStyle = color;
  context.setLineDash(dashed ? [6, 6] : []);
  context.beginPath();
  for (const { x, y } of points) context.lineTo(x, y);
  context.stroke();
  context.setLineDash([]);
}

function drawEnd(context: CanvasRenderingContext2D, end: Point | undefined, color: string, filled: boolean): void {
  if (!end) return;
  context.beginPath();
  context.arc(end.x, end.y, 7, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.strokeStyle = color;
  if (filled) context.fill();
  context.stroke();
}
