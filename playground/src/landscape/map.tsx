// The map of a surface: its ground, on it the paths, and a dot where each run is.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { onTheme } from "../ui/follow.js";
import { Ground } from "./ground.js";
import { HEIGHT, LINES, PathPainter, placeOf, WIDTH } from "./paths.js";
import type { Player } from "./player.js";
import { type Surface, type SurfaceName, surfaceOf } from "./surfaces.js";
import type { Track } from "./track.js";

/** How far from the rim a dot stays, in pixels of the page. */
const RIM = 9;

interface MapProps {
  readonly surface: SurfaceName;
  readonly player: Player;
  /** The step at which the runs are marked. */
  readonly mark: number;
  /** A CSS variable for each track. */
  readonly colors: readonly string[];
}

export function LossMap({ surface: name, player, mark, colors }: MapProps): JSX.Element {
  const paths = useRef<HTMLDivElement>(null);
  const dots = useRef<HTMLDivElement>(null);
  const surface = surfaceOf(name);
  const marked = useRef(mark);
  const paint = useRef<(() => void) | null>(null);
  useEffect(() => {
    if (!paths.current || !dots.current) return;
    const followed = follow({ player, paths: paths.current, dots: dots.current, surface, colors, marked });
    paint.current = followed.paint;
    return followed.stop;
  }, [surface, player, colors]);
  useEffect(() => {
    marked.current = mark;
    paint.current?.();
  }, [mark]);
  const label = `Map of the loss surface ${surface.title} with the paths; the numbers are in the table below`;
  return (
    <div class="map" role="img" aria-label={label}>
      <Ground surface={surface} />
      <div ref={paths}>
        {LINES.map(({ x }) => (
          <canvas key={x} width={WIDTH} height={HEIGHT} />
        ))}
      </div>
      <div ref={dots}>
        {colors.flatMap((_, i) =>
          LINES.map(({ edged }, j) => (
            <div key={`${i}-${j}`} class={`dot run${i} ${edged ? "average" : ""}`} hidden={true} />
          )),
        )}
      </div>
    </div>
  );
}

interface Followed {
  readonly player: Player;
  readonly paths: HTMLElement;
  readonly dots: HTMLElement;
  readonly surface: Surface;
  readonly colors: readonly string[];
  readonly marked: { readonly current: number };
}

/** Keeps paths and dots up to date until it is stopped; `paint` is to be called when the mark has moved. */
function follow({ player, paths, dots, surface, colors, marked }: Followed) {
  const painter = new PathPainter([...paths.querySelectorAll("canvas")], surface, colors);
  const paint = (): void => {
    painter.paint(player.tracks, marked.current);
    // They are the divs that the map made.
    for (const [i, dot] of [...dots.children].entries()) {
      const track = player.tracks[Math.floor(i / LINES.length)];
      placeDot(dot as HTMLElement, track, i % LINES.length, surface, marked.current);
    }
  };
  const again = (): void => {
    painter.clear();
    paint();
  };
  again();
  const ends = [player.listen(paint), onTheme(again)];
  const resized = new ResizeObserver(again);
  resized.observe(dots);
  const stop = (): void => {
    for (const end of ends) end();
    resized.disconnect();
  };
  return { paint, stop };
}

/** Where its line is at the mark; at the rim of the map, and hollow, where that is outside. */
function placeDot(dot: HTMLElement, track: Track | undefined, which: number, surface: Surface, mark: number): void {
  const line = LINES[which];
  const known = line && track && track.length > 0 && mark >= line.first ? line : null;
  const end = known && { x: track?.at(known.x, mark) ?? Number.NaN, y: track?.at(known.y, mark) ?? Number.NaN };
  const at = end && placeOf(end, surface);
  dot.hidden = !at;
  if (!at) return;
  const map = dot.parentElement;
  const scale = (map?.clientWidth ?? WIDTH) / WIDTH;
  const rim = RIM / scale;
  const inside = { x: between(rim, at.x, WIDTH - rim), y: between(rim, at.y, HEIGHT - rim) };
  dot.classList.toggle("outside", at.x < 0 || at.x > WIDTH || at.y < 0 || at.y > HEIGHT);
  dot.style.transform = `translate(${inside.x * scale}px, ${inside.y * scale}px)`;
}

function between(low: number, value: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
