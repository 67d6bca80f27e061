// One number of both runs over the steps, on a logarithmic axis, with a line at the step that is looked at.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { short } from "../explain/story/format.js";
import { at, type Pair, type Path } from "../explain/story/paths.js";
import { useSize } from "../ui/size.js";
import { type Look, lookedAt } from "./look.js";
import { RUN_NAMES } from "./readings.js";
import type { Story, Told, View } from "./story.js";

/** Room around the plot, in pixels. */
const ROOM = { left: 46, right: 10, top: 10, bottom: 34 };
/** Decades that are drawn at most: what is lower lies at the bottom. */
const MOST_DECADES = 12;
const MOST_LABELS = 5;

interface CurvesProps {
  readonly name: string;
  readonly story: Story;
  readonly view: Extract<View, { kind: "chart" }>;
  readonly told: Told | null;
  readonly look: Look;
  /** The numbers at the step that is looked at. */
  readonly spoken: string;
}

export function Curves({
  name,
  story: { steps },
  view: { column, title },
  told,
  look,
  spoken,
}: CurvesProps): JSX.Element {
  const [ref, size] = useSize<HTMLDivElement>();
  const plot = { width: size.width - ROOM.left - ROOM.right, height: size.height - ROOM.top - ROOM.bottom };
  const [low, high] = useMemo(() => decadesOf(told, column), [told, column]);
  const xOf = (step: number): number => ROOM.left + (step / steps) * plot.width;
  const stepAt = ({ x }: Pair): number =>
    Math.max(0, Math.min(steps, Math.round(((x - ROOM.left) / plot.width) * steps)));
  const yOf = (value: number): number => ROOM.top + share(Math.log10(value), low, high) * plot.height;
  const lineOf = (path: Path): string => {
    const points = Array.from(
      path.get(column) ?? [],
      (value, step) => `${xOf(step).toFixed(1)},${yOf(value).toFixed(1)}`,
    );
    return points.length > 0 ? `M${points.slice(FIRST).join("L")}` : "";
  };
  return (
    <div
      class="option-chart"
      ref={ref}
      {...lookedAt({ ...look, last: steps, label: labelOf(name, title, told, column), spoken, stepAt })}
    >
      {size.width > 0 && told && (
        <svg class="layer" viewBox={`0 0 ${size.width} ${size.height}`} aria-hidden="true">
          <g class="axes">
            {labelled(low, high).map((power) => (
              <g key={power}>
                <path d={`M${ROOM.left},${yOf(10 ** power)}h${plot.width}`} />
                <text x={ROOM.left - 6} y={yOf(10 ** power) + 4} text-anchor="end">
                  {Math.abs(power) <= 3 ? 10 ** power : `1e${power}`.replace("-", "−")}
                </text>
              </g>
            ))}
            {[0, 0.5, 1].map((part) => (
              <text key={part} x={xOf(part * steps)} y={size.height - 18} text-anchor={part === 1 ? "end" : "middle"}>
                {Math.round(part * steps)}
              </text>
            ))}
            <text x={ROOM.left + plot.width / 2} y={size.height - 4} text-anchor="middle">
              step
            </text>
            <text x={size.width - ROOM.right - 4} y={ROOM.top + 12} text-anchor="end">
              {title}, logarithmic
            </text>
          </g>
          {RUN_NAMES.map((run) => (
            <g key={run} class={run}>
              <path class="run-line" d={lineOf(told[run])} />
            </g>
          ))}
          {look.step !== null && (
            <g class="looked">
              <path d={`M${xOf(look.step)},${ROOM.top}v${plot.height}`} />
              {RUN_NAMES.map((run) => (
                <circle
                  key={run}
                  class={run}
                  cx={xOf(look.step ?? 0)}
                  cy={yOf(at(told[run], column, look.step ?? 0))}
                  r="4.5"
                />
              ))}
            </g>
          )}
        </svg>
      )}
    </div>
  );
}

/** At step 0 there is nothing yet in v. */
const FIRST = 1;

function labelOf(name: string, title: string, told: Told | null, column: string): string {
  if (!told) return `Curves of ${title}, without and with ${name}: they are being computed`;
  const end = (path: Path): string => short(at(path, column, told.steps));
  return `Curves of ${title} over ${told.steps} steps. Last: ${end(told.without)} without ${name}, ${end(told.with)} with it.`;
}

/** The whole decades around all that is drawn. */
function decadesOf(told: Told | null, column: string): [number, number] {
  const values = [told?.without, told?.with].flatMap((path) => [...(path?.get(column)?.subarray(FIRST) ?? [])]);
  const drawable = values.filter((value) => value > 0 && Number.isFinite(value));
  if (drawable.length === 0) return [-1, 0];
  const top = Math.ceil(Math.log10(Math.max(...drawable)));
  return [Math.max(top - MOST_DECADES, Math.min(top - 1, Math.floor(Math.log10(Math.min(...drawable))))), top];
}

/** How far down a power of ten is drawn; what is beyond the axis lies at its end. */
function share(power: number, low: number, high: number): number {
  return Number.isNaN(power) ? 0 : Math.max(0, Math.min(1, (high - power) / (high - low)));
}

function labelled(low: number, high: number): number[] {
  const apart = Math.max(1, Math.ceil((high - low) / (MOST_LABELS - 1)));
  return Array.from({ length: Math.floor((high - low) / apart) + 1 }, (_, i) => high - i * apart);
}
