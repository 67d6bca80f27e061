// The difference v - m² over the steps, on a logarithmic axis, down to where float32 has no numbers between, and the step that is
// looked at.
import type { JSX, TargetedPointerEvent } from "preact";
import { PlayButton } from "../../ui/play-button.js";
import { Scrubber } from "../../ui/scrubber.js";
import { type Size, useSize } from "../../ui/size.js";
import { exact, spacingAt } from "../float32.js";
import type { Moment } from "../moments.js";
import { boundedStep, type NanStep, STEPS } from "../state.js";

const ROOM = { left: 52, right: 12, top: 10, bottom: 40 };
/** The axis: powers of ten, and below them a row for what is zero or less. */
const [HIGHEST, LOWEST] = [3, -9];
/** Steps go by so slowly that the last ones can be seen. */
const FRAMES = 3;

interface TimeLineProps {
  readonly steps: readonly NanStep[];
  readonly moments: readonly Moment[];
  readonly step: number;
  seek(update: (present: number) => number): void;
}

export function TimeLine({ steps, moments, step, seek }: TimeLineProps): JSX.Element {
  const last = moments.findLast((moment) => moment.step <= step);
  return (
    <section class="steps" aria-labelledby="steps-title">
      <div class="walk">
        <h2 id="steps-title">
          Step <b id="step">{step}</b> of {STEPS}
        </h2>
        <PlayButton
          isLast={step === STEPS}
          // From anywhere near the end it is the way there that one wants to see.
          isOver={step > STEPS - 10}
          framesPerStep={FRAMES}
          ended="The last step is reached."
          advance={(factor) => seek((present) => boundedStep(present + factor))}
          rewind={() => seek(() => 1)}
        />
        {moments.map((moment) => (
          <button
            key={moment.step}
            type="button"
            aria-pressed={moment === last}
            onClick={() => seek(() => moment.step)}
          >
            <b>{moment.step}</b> {moment.title}
          </button>
        ))}
      </div>
      <DifferenceChart steps={steps} step={step} seek={(to) => seek(() => to)} />
      <Scrubber
        label="Step"
        first={1}
        last={STEPS}
        step={step}
        spoken={`Step ${step} of ${STEPS}${last ? `: ${last.title}` : ""}`}
        seek={(to) => seek(() => to)}
      />
    </section>
  );
}

interface ChartProps {
  readonly steps: readonly NanStep[];
  readonly step: number;
  seek(step: number): void;
}

function DifferenceChart({ steps, step, seek }: ChartProps): JSX.Element {
  const [ref, size] = useSize<HTMLDivElement>();
  const width = size.width - ROOM.left - ROOM.right;
  const scrub = (event: TargetedPointerEvent<HTMLElement>): void => {
    const { left } = event.currentTarget.getBoundingClientRect();
    seek(boundedStep(((event.clientX - left - ROOM.left) / width) * STEPS));
  };
  return (
    <div
      class="difference"
      ref={ref}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        scrub(event);
      }}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && scrub(event)}
    >
      {size.width > 0 && <Picture steps={steps} step={step} size={size} />}
    </div>
  );
}

function Picture({ steps, step, size }: Omit<ChartProps, "seek"> & { readonly size: Size }): JSX.Element {
  const bottom = size.height - ROOM.bottom;
  const xOf = (step: number): number => ROOM.left + (step / STEPS) * (size.width - ROOM.left - ROOM.right);
  const yOf = (value: number): number =>
    value > 0 ? ROOM.top + ((HIGHEST - Math.log10(value)) / (HIGHEST - LOWEST)) * (bottom - ROOM.top) : bottom + 10;
  const spacing = spacingAt(steps.at(-1)?.meanSquare ?? 1);
  const points = steps.map(({ difference }, i) => ({ x: xOf(i + 1), y: yOf(difference), isLost: !(difference > 0) }));
  if (steps.length === 0) return <svg aria-hidden="true" />;
  const line = points.filter(({ isLost }) => !isLost).map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`);
  return (
    <svg viewBox={`0 0 ${size.width} ${size.height}`} aria-hidden="true">
      <g class="axes">
        {[2, 0, -2, -4, -6, -8].map((power) => (
          <g key={power}>
            <path d={`M${ROOM.left},${yOf(10 ** power)}H${size.width - ROOM.right}`} />
            <text x={ROOM.left - 6} y={yOf(10 ** power) + 4} text-anchor="end">
              {exact(Math.fround(10 ** power))}
            </text>
          </g>
        ))}
        <text x={ROOM.left - 6} y={bottom + 14} text-anchor="end">
          ≤ 0
        </text>
        {[1, 20, 40, 60, 80, 100, 120, STEPS].map((step) => (
          <text key={step} x={xOf(step)} y={size.height - 5} text-anchor={step === STEPS ? "end" : "middle"}>
            {step}
          </text>
        ))}
        <text x={xOf(0.9 * STEPS)} y={ROOM.top + 14} text-anchor="end">
          v − m², logarithmic, over the steps
        </text>
      </g>
      <path class="spacing" d={`M${ROOM.left},${yOf(spacing)}H${size.width - ROOM.right}`} />
      <text class="spacing" x={ROOM.left + 6} y={yOf(spacing) - 6}>
        one float32 number apart: {exact(spacing)}
      </text>
      <path class="line" d={`M${line.join("L")}`} />
      {points.map(({ x, y, isLost }, i) => isLost && <circle key={i} class="lost" cx={x} cy={y} r="3" />)}
      <path class="cursor" d={`M${xOf(step)},${ROOM.top}V${bottom + 18}`} />
      <circle class="mark" cx={xOf(step)} cy={points[step - 1]?.y ?? bottom} r="5" />
    </svg>
  );
}
