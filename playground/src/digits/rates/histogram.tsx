// How many weights have which rate: a bar for each quarter of a decade, in which the layers are stacked.
import type { JSX } from "preact";
import type { Rates } from "../training/rates.js";
import { countsWithin, type Span } from "./bins.js";
import { rateText } from "./words.js";

const [WIDTH, HEIGHT] = [100, 60];

interface HistogramProps {
  readonly rates: Rates;
  readonly span: Span;
}

export function Histogram({ rates: { layers }, span }: HistogramProps): JSX.Element {
  const stacks = layers.map(({ counts }) => countsWithin(counts, span));
  const bins = stacks[0]?.length ?? 0;
  const totals = Array.from({ length: bins }, (_, bin) => stacks.reduce((sum, counts) => sum + (counts[bin] ?? 0), 0));
  const highest = Math.max(1, ...totals);
  const [width, unit] = [WIDTH / bins, HEIGHT / highest];
  const label = layers.map(({ name, weights }) => `${name}, ${weights.toLocaleString("en-US")} weights`).join("; ");
  return (
    <figure class="histogram">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`How many weights have which rate: ${label}`}
      >
        {stacks.flatMap((counts, layer) =>
          counts.map((count, bin) => {
            const below = stacks.slice(0, layer).reduce((sum, other) => sum + (other[bin] ?? 0), 0);
            return count === 0 ? null : (
              <rect
                key={`${layer} ${bin}`}
                class={`layer${layer}`}
                data-value={count}
                {...{ x: bin * width, width: width * 0.92 }}
                {...{ y: HEIGHT - (below + count) * unit, height: count * unit }}
              />
            );
          }),
        )}
      </svg>
      <div class="ticks" aria-hidden="true">
        {Array.from({ length: span.to - span.from + 1 }, (_, i) => (
          <span key={i} style={{ left: `${(100 * i) / (span.to - span.from)}%` }}>
            {rateText(10 ** (span.from + i))}
          </span>
        ))}
      </div>
      <figcaption>
        <span class="axes">Number of weights by effective learning rate, logarithmic</span>
        {layers.map(({ name, weights }, i) => (
          <span key={name} class={`key layer${i}`}>
            {name}: {weights.toLocaleString("en-US")} weights
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
