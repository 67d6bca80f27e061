// Inside the run: how the effective learning rates of all weights are spread, and those of the input pixels as a map.
import type { JSX } from "preact";
import type { DigitsState } from "../../settings.js";
import { contestantTitle } from "../presets.js";
import { missingReason, type Rates } from "../training/rates.js";
import type { View } from "../training/worker.js";
import { spanOf } from "./bins.js";
import { Histogram } from "./histogram.js";
import { PixelMap } from "./pixel-map.js";
import { ratesText } from "./words.js";

interface InsideProps {
  readonly digits: DigitsState;
  readonly view: View | null;
}

export function Inside({ digits, view }: InsideProps): JSX.Element {
  const rates = digits.contestants.map((_, i) => view?.contestants[i]?.rates ?? null);
  const span = spanOf(rates.filter((each): each is Rates => each !== null));
  return (
    <section aria-labelledby="inside-title">
      <h2 id="inside-title">Inside the run</h2>
      <p class="quiet">
        What each gradient is multiplied by, the effective learning rate, read from the optimizer after its last step.
      </p>
      <div class="pair">
        {digits.contestants.map((run, i) => {
          const name = `${i + 1}. ${contestantTitle(run)}`;
          const own = rates[i] ?? null;
          return (
            <section key={i} class={`inside run${i}`} aria-label={`Inside ${name}`}>
              <h3>{name}</h3>
              <p class="sentence">{own ? ratesText(own) : (missingReason(run) ?? "No step has been made yet.")}</p>
              {own && (
                <div class="spread">
                  <Histogram rates={own} span={span} />
                  <PixelMap pixels={own.pixels} span={span} />
                </div>
              )}
            </section>
          );
        })}
      </div>
    </section>
  );
}
