// Draws paths on a canvas: the whole of each faintly, and what the mark has passed in full; as it moves on, only what is new.
import { isPlace, type Projection, projection } from "../../map/projection.js";
import type { Surface } from "../surfaces.js";
import type { Track } from "../track.js";

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

/** How opaque the paths of noisy runs are, and of all what is still to come. */
const [VEIL, TO_COME] = [0.35, 0.3];

export class PathPainter {
  readonly #canvases: readonly HTMLCanvasElement[];
  readonly #surface: Surface;
  readonly #plane: Projection;
  readonly #colors: readonly string[];
  #tracks: readonly Track[] = [];
  /** The step that paths are drawn to; -1 before anything is. */
  #drawn = -1;

  /** @param canvases one for each of LINES, the later above the earlier */
  constructor(canvases: readonly HTMLCanvasElement[], surface: Surface, colors: readonly string[]) {
    this.#canvases = canvases;
    this.#surface = surface;
    this.#plane = projection({ width: WIDTH, height: HEIGHT }, surface);
    this.#colors = colors;
  }

  /** Forgets what is drawn, so that it is drawn anew: in other colours, or in another size. */
  clear(): void {
    for (const canvas of this.#canvases) canvas.getContext("2d")?.clearRect(0, 0, WIDTH, HEIGHT);
    this.#drawn = -1;
  }

  /** Draws what the mark has passed since the last call; all anew where the tracks are others, or it went back. */
  paint(tracks: readonly Track[], mark: number): void {
    if (tracks !== this.#tracks || mark < this.#drawn) this.clear();
    this.#tracks = tracks;
    if (this.#drawn < 0) this.#draw(0, Math.max(0, ...tracks.map(({ length }) => length - 1)), TO_COME);
    this.#draw(Math.max(0, this.#drawn), mark, 1);
    this.#drawn = mark;
  }

  /** From one step to another. */
  #draw(from: number, to: number, alpha: number): void {
    for (const [j, line] of LINES.entries()) {
      const context = this.#canvases[j]?.getContext("2d");
      for (const [i, track] of this.#tracks.entries()) {
        const path = context && this.#pathOf(track, line, from, to);
        if (path) this.#stroke(context, path, line, i, alpha);
      }
    }
  }

  #stroke(context: CanvasRenderingContext2D, path: Path2D, { edged }: Line, i: number, alpha: number): void {
    const style = getComputedStyle(context.canvas);
    const scale = WIDTH / (context.canvas.clientWidth || WIDTH);
    // What moves by chance covers everything: one sees through it.
    const isVeiled = this.#surface.noise > 0 && !edged;
    context.lineJoin = "round";
    context.lineCap = "round";
    // The first ones are wider, so that one that lies below another is seen.
    const width = edged ? 2 : isVeiled ? 1.25 : 2 + 1.25 * (this.#tracks.length - 1 - i);
    context.globalAlpha = isVeiled ? VEIL * alpha : alpha;
    if (edged && alpha === 1) {
      context.strokeStyle = style.getPropertyValue("--ground");
      context.lineWidth = scale * (width + 4);
      context.stroke(path);
    }
    context.strokeStyle = style.getPropertyValue(this.#colors[i] ?? "--quiet");
    context.lineWidth = scale * width;
    context.stroke(path);
  }

  /** A line from one step to another. */
  #pathOf(track: Track, { x, y, first }: Line, from: number, to: number): Path2D | null {
    const [xs, ys] = [track.column(x), track.column(y)];
    if (!xs || !ys) return null;
    const path = new Path2D();
    for (let i = Math.max(first, from); i <= Math.min(to, track.length - 1); i++) {
      const at = this.#plane.to({ x: xs[i] ?? Number.NaN, y: ys[i] ?? Number.NaN });
      if (isPlace(at)) path.lineTo(at.x, at.y);
    }
    return path;
  }
}
