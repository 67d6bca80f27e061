// The effective learning rate of each coordinate as bars beside SGD's, with the place from which on steps overshoot.
import type { JSX } from "preact";
import { SGD_RATE } from "../runs.js";
import { short } from "../story/format.js";
import { LIMIT, type StepNumbers } from "../story/numbers.js";
import { ABOUT_RATES } from "../story/sentences.js";

/** The bars go from 10 to this power to 10 to that one. */
const [LOWEST, HIGHEST] = [-4, 3];
/** What is written below them. */
const TICKS = [1e-3, 0.1, 10];

export function Rates({ effective }: { readonly effective: StepNumbers["effective"] | undefined }): JSX.Element {
  const rows = [
    { name: "x", title: "x: η ∕ √(v + ε)", rate: effective?.x, limit: LIMIT.x },
    { name: "y", title: "y: η ∕ √(v + ε)", rate: effective?.y, limit: LIMIT.y },
    { name: "sgd", title: "SGD: η", rate: SGD_RATE, limit: LIMIT.y },
  ];
  return (
    <section class="rates" aria-labelledby="rates">
      <h2 id="rates">Effective learning rate</h2>
      <dl>
        {rows.map(({ name, title, rate, limit }) => (
          <div key={name} class={name}>
            <dt>{title}</dt>
            <dd class="scale" aria-hidden="true">
              {TICKS.map((tick) => (
                <span key={tick} class="tick" style={{ left: `${share(tick)}%` }} />
              ))}
              <span class="filled" style={{ width: `${share(rate ?? 0)}%` }} />
              <span class="limit" style={{ left: `${share(limit)}%` }} />
            </dd>
            <dd class="rate">{rate === undefined ? "" : short(rate)}</dd>
          </div>
        ))}
      </dl>
      <div class="scale-axis" aria-hidden="true">
        <span>rate, logarithmic</span>
        <div>
          {TICKS.map((tick) => (
            <span key={tick} style={{ left: `${share(tick)}%` }}>
              {short(tick)}
            </span>
          ))}
        </div>
      </div>
      <p class="sentence">{ABOUT_RATES}</p>
    </section>
  );
}

/** How long the bar of a rate is, in percent, on the logarithmic scale. */
function share(rate: number): number {
  return 100 * Math.max(0, Math.min(1, (Math.log10(rate) - LOWEST) / (HIGHEST - LOWEST)));
}
