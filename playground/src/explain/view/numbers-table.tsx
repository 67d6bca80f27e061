// "Step k, in numbers": a row for each line of the rule, and what the step means in a sentence.
import type { JSX } from "preact";
import { short } from "../story/format.js";
import type { StepNumbers } from "../story/numbers.js";
import type { Pair } from "../story/paths.js";

interface Row {
  readonly title: string;
  readonly formula: string;
  readonly numbers: Pair | undefined;
}

interface TableProps {
  readonly step: number;
  readonly numbers: StepNumbers | null;
  readonly hasMomentum: boolean;
  readonly sentence: string;
}

export function NumbersTable({ step, numbers, hasMomentum, sentence }: TableProps): JSX.Element {
  const rows: readonly Row[] = [
    { title: "gradient", formula: "g", numbers: numbers?.gradient },
    { title: "mean square", formula: "v ← ρv + (1−ρ)g²", numbers: numbers?.meanSquare },
    { title: "typical size", formula: "√(v + ε)", numbers: numbers?.size },
    { title: "scaled gradient", formula: "g ∕ √(v + ε)", numbers: numbers?.scaled },
    {
      title: hasMomentum ? "step −m" : "step",
      formula: hasMomentum ? "m ← μm + ηg ∕ √(v + ε)" : "−ηg ∕ √(v + ε)",
      numbers: numbers?.step,
    },
  ];
  return (
    <section class="in-numbers" aria-labelledby="in-numbers">
      <h2 id="in-numbers">Step {step}, in numbers</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">line of the rule</span>
            </th>
            <th scope="col" class="x">
              x, flat
            </th>
            <th scope="col" class="y">
              y, steep
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ title, formula, numbers }) => (
            <tr key={title}>
              <th scope="row">
                {title} <span class="formula">{formula}</span>
              </th>
              <Cell axis="x" numbers={numbers} />
              <Cell axis="y" numbers={numbers} />
            </tr>
          ))}
        </tbody>
      </table>
      <p class="sentence">{sentence}</p>
    </section>
  );
}

function Cell({ axis, numbers }: { readonly axis: "x" | "y"; readonly numbers: Pair | undefined }): JSX.Element {
  const value = numbers?.[axis];
  return (
    <td class={axis} data-value={value}>
      {value === undefined ? "" : short(value)}
    </td>
  );
}
