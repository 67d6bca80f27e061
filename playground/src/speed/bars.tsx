// What was measured as a table, with a bar for each time on one logarithmic axis.
import type { JSX } from "preact";
import { logAxis } from "./axis.js";
import { type Bar, describe, gigabytesPerSecond, type Kind } from "./contenders.js";
import { shownTime } from "./sentences.js";

const LEGEND: Readonly<Record<Kind, string>> = {
  own: "this package",
  other: "others",
  limit: "limit: the same bytes, next to no arithmetic",
};

export function Bars({ bars }: { readonly bars: readonly Bar[] }): JSX.Element {
  const axis = logAxis(bars.map(({ nanoseconds }) => nanoseconds));
  return (
    <>
      <ul class="legend" aria-hidden="true">
        {Object.entries(LEGEND).map(([kind, text]) => (
          <li key={kind} class={kind}>
            <svg class="bar" aria-hidden="true">
              <rect width="100%" height="100%" />
            </svg>
            {text}
          </li>
        ))}
      </ul>
      <table id="bars">
        <thead>
          <tr>
            <th scope="col">What computes the step</th>
            <th scope="col">ns per parameter</th>
            <th scope="col">GB/s</th>
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => (
            <Row key={bar.word} bar={bar} share={axis.share(bar.nanoseconds)} />
          ))}
        </tbody>
        <tfoot aria-hidden="true">
          <tr>
            <td>
              <div class="measured">
                <svg class="ticks" aria-hidden="true">
                  {axis.ticks.map((tick, i) => (
                    <text
                      key={tick}
                      class={Number.isInteger(Math.log10(tick)) ? "" : "minor"}
                      x={percent(axis.share(tick))}
                      y="1em"
                      text-anchor={anchor(i, axis.ticks.length)}
                    >
                      {tick}
                    </text>
                  ))}
                </svg>
                <span class="axis">ns per parameter, lower is better (logarithmic)</span>
              </div>
            </td>
          </tr>
        </tfoot>
      </table>
    </>
  );
}

function Row({ bar, share }: { readonly bar: Bar; readonly share: number }): JSX.Element | null {
  const described = describe(bar.word);
  if (!described) return null;
  const rate = gigabytesPerSecond(bar);
  return (
    <tr class={described.kind}>
      <th scope="row">
        <div class="measured">
          <span>{described.name}</span>
          <svg class="bar" aria-hidden="true">
            <rect width={percent(share)} height="100%" />
          </svg>
        </div>
      </th>
      <td data-value={bar.nanoseconds}>{shownTime(bar.nanoseconds)}</td>
      <td data-value={rate}>{rate.toFixed(1)}</td>
    </tr>
  );
}

function percent(share: number): string {
  return `${100 * share}%`;
}

/** The first and the last one lie within the axis. */
function anchor(i: number, length: number): "start" | "middle" | "end" {
  return i === 0 ? "start" : i === length - 1 ? "end" : "middle";
}
