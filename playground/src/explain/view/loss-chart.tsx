// The losses of both runs over the steps, on a logarithmic axis, with the acts behind them and a line at the present step.
// A mouse over it reads the losses there; the scrubber says them, too, for keys.
import type { JSX, TargetedPointerEvent } from "preact";
import { useMemo, useState } from "preact/hooks";
import { useSize } from "../../ui/size.js";
import { boundedStep, STEPS } from "../state.js";
import { type Act, LOWEST_LOSS } from "../story/acts.js";
import { short } from "../story/format.js";
import { at, type Path, type Paths } from "../story/paths.js";

/** Room around the plot, in pixels; the time line below it has the same at its sides. */
const ROOM = { left: 44, right: 12, top: 6, bottom: 20 };
const HIGHEST_LOSS = 100;
const DECADES = Math.log10(HIGHEST_LOSS / LOWEST_LOSS);
const LABELLED = [100, 1e-2, 1e-6, 1e-10];

interface ChartProps {
  readonly paths: Paths | null;
  readonly acts: readonly Act[];
  readonly step: number;
  seek(step: number): void;
}

export function LossChart({ paths, acts, step, seek }: ChartProps): JSX.Element {
  const [ref, size] = useSize<HTMLDivElement>();
  const width = size.width - ROOM.left - ROOM.right;
  const xOf = (step: number): number => ROOM.left + (step / STEPS) * width;
  const yOf = (loss: number): number => ROOM.top + share(loss) * (size.height - ROOM.top - ROOM.bottom);
  const curves = useMemo(
    () => paths && { rmsprop: curveOf(paths.rmsprop, xOf, yOf), sgd: curveOf(paths.sgd, xOf, yOf) },
    [paths, size.width, size.height],
  );
  const [hovered, hover] = useState<number | null>(null);
  const stepAt = ({ currentTarget, clientX }: TargetedPointerEvent<HTMLElement>): number =>
    boundedStep(((clientX - currentTarget.getBoundingClientRect().left - ROOM.left) / width) * STEPS);
  return (
    <div
      class="losses"
      ref={ref}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        seek(stepAt(event));
      }}
      onPointerMove={(event) => {
        if (event.pointerType === "mouse") hover(stepAt(event));
        if (event.currentTarget.hasPointerCapture(event.pointerId)) seek(stepAt(event));
      }}
      onPointerLeave={() => hover(null)}
    >
      {size.width > 0 && (
        <svg class="layer" viewBox={`0 0 ${size.width} ${size.height}`} aria-hidden="true">
          {acts.map(({ from, to }, i) => (
            <rect
              key={i}
              class={`act${i % 2}`}
              x={xOf(from - 1)}
              y={ROOM.top}
              width={xOf(to) - xOf(from - 1)}
              height={size.height - ROOM.top - ROOM.bottom}
            />
          ))}
          <Axes xOf={xOf} yOf={yOf} size={size} />
          {(["sgd", "rmsprop"] as const).map(
            (name) => curves && <path key={name} class={`loss ${name}`} d={curves[name]} />,
          )}
        </svg>
      )}
      {size.width > 0 && (
        <svg class="layer" viewBox={`0 0 ${size.width} ${size.height}`} aria-hidden="true">
          {paths && <Cursor paths={paths} step={step} x={xOf(step)} yOf={yOf} bottom={size.height - ROOM.bottom} />}
          {hovered !== null && <path class="looked" d={`M${xOf(hovered)},${ROOM.top}V${size.height - ROOM.bottom}`} />}
        </svg>
      )}
      {paths && <Legend paths={paths} step={hovered ?? step} />}
    </div>
  );
}

/** The curves, and their losses at a step: the one under the mouse, or the present one. */
function Legend({ paths, step }: Pick<ChartProps, "step"> & { readonly paths: Paths }): JSX.Element {
  return (
    <div class="legend">
      <span class="at">loss after step {step}</span>
      <dl>
        {(["rmsprop", "sgd"] as const).map((name) => (
          <div key={name} class={name}>
            <dt>{name === "sgd" ? "SGD" : "RMSprop"}</dt>
            <dd>{short(at(paths[name], "loss", step))}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** How far down a loss is drawn; what is beyond the axis lies at its end. */
function share(loss: number): number {
  if (Number.isNaN(loss)) return 0;
  return Math.max(0, Math.min(1, Math.log10(HIGHEST_LOSS / loss) / DECADES));
}

interface AxesProps {
  xOf(step: number): number;
  yOf(loss: number): number;
  readonly size: { readonly width: number; readonly height: number };
}

function Axes({ xOf, yOf, size }: AxesProps): JSX.Element {
  return (
    <g class="axes">
      {LABELLED.map((loss) => (
        <g key={loss}>
          <path d={`M${ROOM.left},${yOf(loss)}H${size.width - ROOM.right}`} />
          <text x={ROOM.left - 6} y={yOf(loss) + 4} text-anchor="end">
            {loss === 100 ? "100" : `1e−${-Math.log10(loss)}`}
          </text>
        </g>
      ))}
      {[0, 100, 200, 300, STEPS].map((step) => (
        <text key={step} x={xOf(step)} y={size.height - 5} text-anchor={step === STEPS ? "end" : "middle"}>
          {step}
        </text>
      ))}
      <text x={ROOM.left - 14} y={size.height - 5} text-anchor="end">
        step
      </text>
    </g>
  );
}

function curveOf(path: Path, xOf: AxesProps["xOf"], yOf: AxesProps["yOf"]): string {
  const points = Array.from(path.get("loss") ?? [], (loss, step) => `${xOf(step).toFixed(1)},${yOf(loss).toFixed(1)}`);
  return points.length > 0 ? `M${points.join("L")}` : "";
}

interface CursorProps {
  readonly paths: Paths;
  readonly step: number;
  readonly x: number;
  readonly bottom: number;
  yOf(loss: number): number;
}

function Cursor({ paths, step, x, yOf, bottom }: CursorProps): JSX.Element {
  return (
    <g class="cursor">
      <path d={`M${x},${ROOM.top}V${bottom}`} />
      {(["sgd", "rmsprop"] as const).map((name) => (
        <circle key={name} class={name} cx={x} cy={yOf(at(paths[name], "loss", step))} r="4.5" />
      ))}
    </g>
  );
}
