// Keras, tf.train.rmsprop and this package beside each other: what each takes the root of, and the step that comes of it.
import type { JSX } from "preact";
import { short } from "../../explain/story/format.js";
import { exact } from "../float32.js";
import { firstLost, longest, type NanRuns, type NanStep, WHOS, type Who } from "../state.js";

/** What each of them writes under the root. */
const FORMULAS: Readonly<Record<Who, string>> = {
  keras: "v − m² + ε",
  tfjs: "v − (m² + ε)",
  rmsprop: "v − m² + ε if above 0, else ε",
};

const TITLES: Readonly<Record<Who, string>> = { keras: "Keras", tfjs: "tf.train.rmsprop", rmsprop: "this package" };

interface RulesProps {
  readonly runs: NanRuns;
  readonly step: number;
  readonly centered: boolean;
  readonly sentence: string;
}

export function RulesTable({ runs, step, centered, sentence }: RulesProps): JSX.Element {
  const at = (who: Who): NanStep | undefined => runs[who][step - 1];
  const numbers: readonly { readonly id: string; readonly title: string; numberOf(who: Who): number | undefined }[] = [
    { id: "under-root", title: "under the root", numberOf: (who) => at(who)?.underRoot },
    { id: "made", title: "step −η·g ∕ √…", numberOf: (who) => at(who)?.step },
    { id: "weight", title: "the weight after it", numberOf: (who) => at(who)?.weight },
    { id: "longest", title: "longest step of all", numberOf: (who) => longest(runs[who]) },
  ];
  return (
    <section class="rules" aria-labelledby="rules">
      <h2 id="rules">Three formulas, the same gradients</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <div class="scroll" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <td />
              {WHOS.map((who) => (
                <th key={who} scope="col">
                  {TITLES[who]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">formula</th>
              {WHOS.map((who) => (
                <td key={who} class="under">
                  {centered ? FORMULAS[who] : "v + ε"}
                </td>
              ))}
            </tr>
            {numbers.map(({ id, title, numberOf }) => (
              <tr key={id} id={id}>
                <th scope="row">{title}</th>
                {WHOS.map((who) => (
                  <Cell key={who} value={numberOf(who)} />
                ))}
              </tr>
            ))}
            <tr id="lost">
              <th scope="row">lost at step</th>
              {WHOS.map((who) => (
                <td key={who}>{firstLost(runs[who]) ?? "never"}</td>
              ))}
            </tr>
          </tbody>
        </table>
      </div>
      <p class="sentence" id="outcome">
        {sentence}
      </p>
    </section>
  );
}

function Cell({ value = Number.NaN }: { readonly value: number | undefined }): JSX.Element {
  const isLost = !Number.isFinite(value);
  return (
    <td class={isLost ? "wrong" : ""} data-value={value}>
      {isLost ? exact(value) : short(value)}
    </td>
  );
}
