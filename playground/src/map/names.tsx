// The names at paths, beside each other where several paths come to one place.
import type { JSX } from "preact";
import type { Point } from "../landscape/surfaces.js";
import type { Size } from "../ui/size.js";

/** A name, the pixel that it belongs to, and the class of its path. */
export interface Name {
  readonly text: string;
  readonly at: Point;
  readonly path: string;
}

interface Placed extends Point {
  readonly isLeft: boolean;
}

/** About the size of a letter, and how far a name is from its pixel. */
const LETTER = { width: 8.6, height: 17 };
const GAP = 14;
const MOST_ROWS = 12;

export function Names({ names, size }: { readonly names: readonly Name[]; readonly size: Size }): JSX.Element {
  const places = placesOf(names, size);
  return (
    <g>
      {names.map(({ text, path }, i) => {
        const place = places[i];
        return (
          place && (
            <text
              key={path}
              class={`name ${path}`}
              x={place.x}
              y={place.y}
              text-anchor={place.isLeft ? "end" : "start"}
            >
              {text}
            </text>
          )
        );
      })}
    </g>
  );
}

/** Where the names begin, or end where they are to the left: within the map, on no pixel of any of them, and not on each other. */
export function placesOf(names: readonly Name[], size: Size): readonly Placed[] {
  const taken = names.map(({ at }) => ({ left: at.x - 8, right: at.x + 8, top: at.y - 8, bottom: at.y + 8 }));
  return names.map(({ text, at }) => {
    const width = text.length * LETTER.width;
    const inside = { x: between(8, at.x, size.width - 8), y: between(8, at.y, size.height - 8) };
    const all = candidatesOf(inside, size, width);
    const free = all.find((place) => !taken.some((box) => meet(boxOf(place, width), box))) ?? all[0];
    // There is always the first.
    const place = free ?? { ...inside, isLeft: false };
    taken.push(boxOf(place, width));
    return place;
  });
}

/** Rather on the side where the map's middle is, and near. */
function candidatesOf(at: Point, size: Size, width: number): readonly Placed[] {
  const rows = Array.from({ length: MOST_ROWS }, (_, i) => (i % 2 === 0 ? -1 : 1) * Math.ceil((i + 1) / 2));
  const ordered = at.y < size.height / 2 ? rows : rows.map((row) => -row);
  const sides = at.x < size.width / 2 ? [false, true] : [true, false];
  return ordered.flatMap((row) => {
    const y = at.y + (row < 0 ? -8 : 18) + (row - Math.sign(row)) * LETTER.height;
    if (y < LETTER.height - 2 || y > size.height - 22) return [];
    return sides.flatMap((isLeft) => {
      const x = at.x + (isLeft ? -GAP : GAP);
      const { left, right } = boxOf({ x, y, isLeft }, width);
      return left < 4 || right > size.width - 4 ? [] : [{ x, y, isLeft }];
    });
  });
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function boxOf({ x, y, isLeft }: Placed, width: number): Box {
  const left = isLeft ? x - width : x;
  return { left, right: left + width, top: y - LETTER.height + 4, bottom: y + 4 };
}

function meet(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function between(low: number, value: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
