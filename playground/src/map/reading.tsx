// The loss at a point of a map: under the mouse, or where arrow keys have led.
import type { JSX, RefObject, TargetedKeyboardEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { short } from "../explain/story/format.js";
import type { Point, Surface } from "../landscape/surfaces.js";
import type { Projection } from "./projection.js";

interface ReadingProps {
  /** The map: what lies under a mouse over it is read. */
  readonly over: RefObject<HTMLElement | null>;
  readonly plane: Projection;
  readonly surface: Surface;
}

/** What is said of a point. */
export function spokenPoint(point: Point, surface: Surface): string {
  return `x ${short(point.x)}, y ${short(point.y)}, loss ${short(surface.loss(point))}`;
}

export function Reading({ over, plane, surface }: ReadingProps): JSX.Element | null {
  const point = useHovered(over, plane);
  return point && <Said point={point} surface={surface} />;
}

/** The same, and for keys, too: a stop of Tab, with a cross at the point. */
export function KeyedReading({ over, plane, surface }: ReadingProps): JSX.Element {
  const hovered = useHovered(over, plane);
  const [keyed, setKeyed] = useState<Point | null>(null);
  const { centre } = plane.extent;
  const point = keyed ?? hovered;
  const { x, y } = plane.to(keyed ?? centre);
  return (
    <>
      <div
        class="probe"
        role="slider"
        tabIndex={0}
        aria-label="Point of the map: arrow keys move it"
        aria-valuemin={centre.x - plane.extent.width}
        aria-valuemax={centre.x + plane.extent.width}
        aria-valuenow={(keyed ?? centre).x}
        aria-valuetext={spokenPoint(keyed ?? centre, surface)}
        style={{ transform: `translate(${x}px, ${y}px)` }}
        onFocus={() => setKeyed(centre)}
        onBlur={() => setKeyed(null)}
        onKeyDown={(event) => setKeyed((present) => sought(event, present ?? centre, plane))}
      />
      {point && <Said point={point} surface={surface} />}
    </>
  );
}

function Said({ point, surface }: { readonly point: Point; readonly surface: Surface }): JSX.Element {
  return (
    <p class="map-reading" aria-hidden="true">
      {spokenPoint(point, surface)}
    </p>
  );
}

/** Parts of the map's half that an arrow key moves, and with Shift. */
const [NEAR, FAR] = [1 / 50, 1 / 10];

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: 1 },
  ArrowDown: { x: 0, y: -1 },
};

function sought(event: TargetedKeyboardEvent<HTMLElement>, { x, y }: Point, { extent }: Projection): Point {
  const arrow = ARROWS[event.key];
  if (!arrow) return { x, y };
  event.preventDefault();
  const part = event.shiftKey ? FAR : NEAR;
  const within = (value: number, centre: number, reach: number): number =>
    Number(Math.max(centre - reach, Math.min(centre + reach, value)).toPrecision(6));
  return {
    x: within(x + arrow.x * part * extent.width, extent.centre.x, extent.width),
    y: within(y + arrow.y * part * extent.height, extent.centre.y, extent.height),
  };
}

/** The point under a mouse, if it is over the map. */
function useHovered(over: RefObject<HTMLElement | null>, plane: Projection): Point | null {
  const [point, setPoint] = useState<Point | null>(null);
  const { width, height } = plane.size;
  useEffect(() => {
    const { current } = over;
    if (!current) return;
    const move = ({ pointerType, clientX, clientY }: PointerEvent): void => {
      if (pointerType === "mouse") setPoint(plane.from(pixelIn(current, { x: clientX, y: clientY })));
    };
    const leave = (): void => setPoint(null);
    current.addEventListener("pointermove", move);
    current.addEventListener("pointerleave", leave);
    return () => {
      current.removeEventListener("pointermove", move);
      current.removeEventListener("pointerleave", leave);
    };
  }, [plane.extent, width, height]);
  return point;
}

/** A pixel of the window as one of the map, without its border, as sizes are. */
export function pixelIn(map: HTMLElement, { x, y }: Point): Point {
  const { left, top } = map.getBoundingClientRect();
  return { x: x - left - map.clientLeft, y: y - top - map.clientTop };
}
