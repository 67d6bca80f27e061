// The surroundings of the minimum, enlarged: there the kick and the swings are too small to be seen on the map.
import type { JSX } from "preact";
import { Minimum } from "../../map/axes.js";
import { dotsOf, lineOf, type Projection, pixelsOf, projection } from "../../map/projection.js";
import { EXTENT } from "../state.js";
import { type Pair, type Paths, pointAt } from "../story/paths.js";

/** Half of its width in learning rates, and how much of the way it shows. */
const REACH_IN_RATES = 2.4;
const STEPS_SEEN = 12;
const ROOM_FOR_TICKS = 20;

interface MagnifierProps {
  readonly paths: Paths;
  readonly map: Projection;
  readonly step: number;
  readonly learningRate: number;
}

/** Only while RMSprop is within it. */
export function Magnifier({ paths, map, step, learningRate }: MagnifierProps): JSX.Element | null {
  const reach = REACH_IN_RATES * learningRate;
  const { x, y } = pointAt(paths.rmsprop, step);
  const sgd = pointAt(paths.sgd, step);
  if (!isWithin({ x, y }, reach) || reach > EXTENT.height / 3) return null;
  const side = Math.min(150, map.size.height * 0.44);
  const lens = projection({ width: side, height: side }, { ...EXTENT, width: reach, height: reach });
  const pixels = pixelsOf(paths.rmsprop, lens, Math.max(0, step - STEPS_SEEN), step);
  const here = lens.to({ x, y });
  const middle = side / 2;
  // On the side where no path begins.
  const left = pointAt(paths.rmsprop, 0).x > 0 ? 10 + ROOM_FOR_TICKS : map.size.width - side - 10;
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: it is part of the map, which has a label
    <svg class="lens" x={left} y={map.size.height - side - 10} width={side} height={side}>
      <rect class="glass" x="0.5" y="0.5" width={side - 1} height={side - 1} rx="6" />
      <Minimum at={{ x: middle, y: middle }} />
      {isWithin(sgd, reach) && <circle class="sgd mark" cx={lens.to(sgd).x} cy={lens.to(sgd).y} r="6" />}
      <g class="rmsprop">
        <path class="so-far" d={lineOf(pixels)} />
        <path class="dots" d={dotsOf(pixels)} />
        <circle class="mark" cx={here.x} cy={here.y} r="6" />
      </g>
      <text class="tick" x="8" y="16">
        {Math.round(EXTENT.width / reach / (map.size.width / side))}×{side < 120 ? "" : " enlarged"}
      </text>
    </svg>
  );
}

function isWithin({ x, y }: Pair, reach: number): boolean {
  return Math.abs(x) < reach && Math.abs(y) < reach;
}
