// Draws paths on a canvas as they grow: only what is new is drawn.
import type { Point, Surface } from "./surfaces.js";
import type { Track } from "./track.js";

/** Pixels of the canvas, whatever its size on the page. */
export const WIDTH = 800;
export const HEIGHT = 480;

const DASH = [6, 6];

/** A line of a track: the point itself, or its moving average. */
interface Line {
  readonly x: string;
  readonly y: string;
  readonly dashed: boolean;
  /** The first sample that is drawn: averages start at zero. */
  readonly first: number;
}

export const LINES: readonly Line[] = [
  { x: "x", y: "y", dashed: false, first: 0 },
  { x: "x_average", y: "y_average", dashed: true, first: 1 },
];

/** How far a line has come: what is drawn of it, and its length in pixels. */
interface Progress {
  drawn: number;
  length: number;
}

export class PathPainter {
  readonly #canvas: HTMLCanvasElement;
  readonly #surface: Surface;
  readonly #colors: readonly string[];
  #tracks: readonly Track[] = [];
  #progress: Progress[][] = [];

  constructor(canvas: HTMLCanvasElement, surface: Surface, colors: readonly string[]) {
    this.#canvas = canvas;
    this.#surface = surface;
    this.#colors = colors;
  }

  /** Forgets what is drawn, so that it is drawn anew: in other colours, or in another size. */
  clear(): void {
    this.#canvas.getContext("2d")?.clearRect(0, 0, WIDTH, HEIGHT);
    this.#progress = this.#tracks.map(() => LINES.map(({ first }) => ({ drawn: first, length: 0 })));
  }

  /** Draws what has come since the last call; all of it where the tracks are others. */
  paint(tracks: readonly Track[]): void {
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    if (tracks !== this.#tracks) {
      this.#tracks = tracks;
      this.clear();
    }
    const style = getComputedStyle(this.#canvas);
    const scale = WIDTH / (this.#canvas.clientWidth || WIDTH);
    context.lineJoin = "round";
    context.lineCap = "round";
    for (const [i, track] of tracks.entries()) {
      context.strokeStyle = style.getPropertyValue(this.#colors[i] ?? "--quiet");
      // The first ones are wider, so that one that lies below another is seen.
      context.lineWidth = scale * (2 + 1.5 * (tracks.length - 1 - i));
      for (const [j, line] of LINES.entries()) {
        const progress = this.#progress[i]?.[j];
        if (progress) this.#extend(context, track, line, progress);
      }
    }
  }

  #extend(context: CanvasRenderingContext2D, track: Track, line: Line, progress: Progress): void {
    const [xs, ys] = [track.column(line.x), track.column(line.y)];
    if (!xs || !ys || track.length <= progress.drawn) return;
    context.setLineDash(line.dashed ? DASH : []);
    context.lineDashOffset = progress.length;
    context.beginPath();
    let before: Point | null = null;
    for (let i = Math.max(line.first, progress.drawn - 1); i < track.length; i++) {
      const at = placeOf({ x: xs[i] ?? Number.NaN, y: ys[i] ?? Number.NaN }, this.#surface);
      if (!at) continue;
      context.lineTo(at.x, at.y);
      if (before) progress.length += Math.hypot(at.x - before.x, at.y - before.y);
      before = at;
    }
    context.stroke();
    progress.drawn = track.length;
  }
}

/** The pixel of a point; one that is far out stays within what a canvas can draw. NaN is nowhere. */
export function placeOf({ x, y }: Point, { centre, width, height }: Surface): Point | null {
  if (!Number.isFinite(x) || !Number.isFinite(y)) return null;
  const bounded = (pixel: number): number => Math.max(-1e5, Math.min(1e5, pixel));
  return {
    x: bounded(((x - centre.x) / width / 2 + 0.5) * WIDTH),
    y: bounded((0.5 - (y - centre.y) / height / 2) * HEIGHT),
  };
}
