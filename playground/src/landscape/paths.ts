// Draws paths on a canvas as they grow: only what is new is drawn.
import type { Point, Surface } from "./surfaces.js";
import type { Track } from "./track.js";

/** Pixels of the canvas, whatever its size on the page. */
export const WIDTH = 800;
export const HEIGHT = 480;

/** A line of a track: the point itself, or its moving average. */
interface Line {
  readonly x: string;
  readonly y: string;
  /** Edged in the colour of the ground, so that it is seen on top of others. */
  readonly edged: boolean;
  /** The first sample that is drawn: averages start at zero. */
  readonly first: number;
}

export const LINES: readonly Line[] = [
  { x: "x", y: "y", edged: false, first: 0 },
  { x: "x_average", y: "y_average", edged: true, first: 1 },
];

/** How opaque the paths of noisy runs are. */
const VEIL = 0.35;

export class PathPainter {
  readonly #canvases: readonly HTMLCanvasElement[];
  readonly #surface: Surface;
  readonly #colors: readonly string[];
  #tracks: readonly Track[] = [];
  /** Samples that are drawn, by line and by track. */
  #drawn: number[][] = [];

  /** @param canvases one for each of LINES, the later above the earlier */
  constructor(canvases: readonly HTMLCanvasElement[], surface: Surface, colors: readonly string[]) {
    this.#canvases = canvases;
    this.#surface = surface;
    this.#colors = colors;
  }

  /** Forgets what is drawn, so that it is drawn anew: in other colours, or in another size. */
  clear(): void {
    for (const canvas of this.#canvases) canvas.getContext("2d")?.clearRect(0, 0, WIDTH, HEIGHT);
    this.#drawn = LINES.map(({ first }) => this.#tracks.map(() => first));
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
        const drawn = this.#drawn[j]?.[i] ?? 0;
        const path = track.length > drawn ? this.#pathOf(track, line, drawn) : null;
        if (path) this.#stroke(context, path, line, i);
        this.#drawn[j]?.splice(i, 1, Math.max(drawn, track.length));
      }
    }
  }

  #stroke(context: CanvasRenderingContext2D, path: Path2D, { edged }: Line, i: number): void {
    const style = getComputedStyle(context.canvas);
    const scale = WIDTH / (context.canvas.clientWidth || WIDTH);
    // What moves by chance covers everything: one sees through it.
    const isVeiled = this.#surface.noise > 0 && !edged;
    context.lineJoin = "round";
    context.lineCap = "round";
    // The first ones are wider, so that one that lies below another is seen.
    const width = edged ? 2 : isVeiled ? 1.25 : 2 + 1.25 * (this.#tracks.length - 1 - i);
    context.globalAlpha = isVeiled ? VEIL : 1;
    if (edged) {
      context.strokeStyle = style.getPropertyValue("--ground");
      context.lineWidth = scale * (width + 4);
      context.stroke(path);
    }
    context.strokeStyle = style.getPropertyValue(this.#colors[i] ?? "--quiet");
    context.lineWidth = scale * width;
    context.stroke(path);
  }

  /** What is new of a line, from the last point that was drawn. */
  #pathOf(track: Track, { x, y, first }: Line, drawn: number): Path2D | null {
    const [xs, ys] = [track.column(x), track.column(y)];
    if (!xs || !ys) return null;
    const path = new Path2D();
    for (let i = Math.max(first, drawn - 1); i < track.length; i++) {
      const at = placeOf({ x: xs[i] ?? Number.NaN, y: ys[i] ?? Number.NaN }, this.#surface);
      if (at) path.lineTo(at.x, at.y);
    }
    return path;
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
