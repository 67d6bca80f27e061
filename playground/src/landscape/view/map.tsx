// The map of a surface: its ground and axes, on them the paths with their names, and a dot where each run is.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Axes } from "../../map/axes.js";
import { Ground } from "../../map/ground.js";
import { type Name, Names } from "../../map/names.js";
import { isPlace, type Projection, projection } from "../../map/projection.js";
import { KeyedReading } from "../../map/reading.js";
import { onTheme, useChanges } from "../../ui/follow.js";
import { useSize } from "../../ui/size.js";
import type { Player } from "../player.js";
import { type Surface, type SurfaceName, surfaceOf } from "../surfaces.js";
import type { Track } from "../track.js";
import { HEIGHT, LINES, PathPainter, WIDTH } from "./paths.js";

/** How far from the rim a dot stays, in pixels of the page. */
const RIM = 9;
const TITLES = { x: "weight x", y: "weight y" };

interface MapProps {
  readonly surface: SurfaceName;
  readonly player: Player;
  /** The step at which the runs are marked. */
  readonly mark: number;
  /** What each run is called. */
  readonly names: readonly string[];
  /** A CSS variable for each track. */
  readonly colors: readonly string[];
}

export function LossMap({ surface: name, player, mark, names, colors }: MapProps): JSX.Element {
  const [map, size] = useSize<HTMLDivElement>();
  const surface = surfaceOf(name);
  const plane = projection(size, surface);
  // The same while only the mark moves.
  const ground = useMemo(
    () => (
      <>
        <Ground surface={surface} />
        {size.width > 0 && (
          <svg class="layer" viewBox={`0 0 ${size.width} ${size.height}`} aria-hidden="true">
            <Axes plane={plane} titles={TITLES} minima={surface.minima} />
          </svg>
        )}
      </>
    ),
    [surface, size],
  );
  const ends = useMemo(
    () => size.width > 0 && <Ends surface={surface} player={player} plane={plane} names={names} />,
    [surface, size, player, names.join()],
  );
  const label = `Map of the loss surface ${surface.title} with the paths; the numbers are in the table below`;
  return (
    <div class="map" ref={map}>
      <div role="img" aria-label={label}>
        {ground}
        <Paths surface={surface} player={player} mark={mark} colors={colors} />
        {ends}
      </div>
      {size.width > 0 && <KeyedReading over={map} plane={plane} surface={surface} />}
    </div>
  );
}

interface PathsProps extends Pick<MapProps, "player" | "mark" | "colors"> {
  readonly surface: Surface;
}

function Paths({ surface, player, mark, colors }: PathsProps): JSX.Element {
  const paths = useRef<HTMLDivElement>(null);
  const dots = useRef<HTMLDivElement>(null);
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
  return (
    <>
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
    </>
  );
}

interface EndsProps extends Pick<MapProps, "player" | "names"> {
  readonly surface: Surface;
  readonly plane: Projection;
}

/** The start, and the names at the ends of the paths, which stay there while the dots move. */
function Ends({ surface, player, plane, names }: EndsProps): JSX.Element {
  useChanges(player, 0);
  const start = plane.to(surface.start);
  const ends = player.tracks.flatMap((track, i): Name[] => {
    const end = lastPlaceOf(track);
    return end ? [{ text: names[i] ?? "", at: plane.to(end), path: `run${i}` }] : [];
  });
  const lowest = surface.minima.map((minimum, i): Name => {
    return { text: "minimum", at: plane.to(minimum), path: `lowest${i}` };
  });
  return (
    <svg class="layer" viewBox={`0 0 ${plane.size.width} ${plane.size.height}`} aria-hidden="true">
      <circle class="origin" cx={start.x} cy={start.y} r="5" />
      <Names names={[{ text: "start", at: start, path: "start" }, ...lowest, ...ends]} size={plane.size} />
    </svg>
  );
}

/** Where a run was at last; before it overflowed, if it did. */
function lastPlaceOf(track: Track): { readonly x: number; readonly y: number } | null {
  for (let step = track.length - 1; step >= 0; step--) {
    const place = { x: track.at("x", step) ?? Number.NaN, y: track.at("y", step) ?? Number.NaN };
    if (isPlace(place)) return place;
  }
  return null;
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
  const at = end && projection({ width: WIDTH, height: HEIGHT }, surface).to(end);
  dot.hidden = !at || !isPlace(at);
  if (!at || !isPlace(at)) return;
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
