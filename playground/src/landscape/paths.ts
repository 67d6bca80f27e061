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
  readonly #canvases: readonly HTMLCanvasElement[];
  readonly #surface: Surface;
  readonly #colors: readonly string[];
  #tracks: readonly Track[] = [];
  #progress: Progress[][] = [];

  /** @param canvases one for each of LINES, the later above the earlier */
  constructor(canvases: readonly HTMLCanvasElement[], surface: Surface, colors: readonly string[]) {
    this.#canvases = canvases;
    this.#surface = surface;
    this.#colors = colors;
  }

  /** Forgets what is drawn, so that it is drawn anew: in other colours, or in another size. */
  clear(): void {
    for (const canvas of this.#canvases) canvas.getContext("2d")?.clearRect(0, 0, WIDTH, HEIGHT);
    this.#progress = LINES.map(({ first }) => this.#tracks.map(() => ({ drawn: first, length: 0 })));
  }

  /** Draws what has come since the last call; all of it where the tracks are others. */
  paint(tracks: readonly Track[]): void {
    if (tracks !== this.#tracks) {
      this.#tracks = tracks;
      this.clear();
    }
    for (const [j, line] of LINES.entries()) {
      const context = this.#canvases[j]?.getContext("2d");
      if (!context) continue;
      for (const [i, track] of tracks.entries()) {
        const progress = this.#progress[j]?.[i];
        if (!progress || track.length <= progress.drawn) continue;
        const path = this.#pathOf(track, line, progress);
        if (path) this.#stroke(context, path.path, line, i, progress.length);
        progress.length += path?.length ?? 0;
        progress.drawn = track.length;
      }
    }
  }

  #stroke(context: CanvasRenderingContext2D, path: Path2D, { dashed }: Line, i: number, length: number): void {
    const style = getComputedStyle(context.canvas);
    const scale = WIDTH / (context.canvas.clientWidth || WIDTH);
    context.lineJoin = "round";
    // The first ones are wider, so that one that lies below another is seen.
    const width = dashed ? 2.5 : 2 + 2 * (this.#tracks.length - 1 - i);
    if (dashed) {
      context.setLineDash([]);
      context.strokeStyle = style.getPropertyValue("--ground");
      context.lineWidth = scale * (width + 4);
      context.stroke(path);
      context.setLineDash(DASH);
      context.lineDashOffset = length;
    }
    context.strokeStyle = style.getPropertyValue(this.#colors[i] ?? "--quiet");
    context.lineWidth = scale * width;
    context.stroke(path);
  }

  /** What is new of a line, from the last point that was drawn, and how long it is. */
  #pathOf(track: Track, line: Line, { drawn }: Progress): { readonly path: Path2D; readonly length: number } | null {
    const [xs, ys] = [track.column(line.x), track.column(line.y)];
    if (!xs || !ys) return null;
    const path = new Path2D();
    let length = 0;
    let before: Point | null = null;
    for (let i = Math.max(line.first, drawn - 1); i < track.length; i++) {
      const at = placeOf({ x: xs[i] ?? Number.NaN, y: ys[i] ?? Number.NaN }, this.#surface);
      if (!at) continue;
      if (before) path.lineTo(at.x, at.y);
      else path.moveTo(at.x, at.y);
      if (before) length += Math.hypot(at.x - before.x, at.y - before.y);
      before = at;
    }
    return { path, length };
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
