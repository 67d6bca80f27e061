// v and the square of m as bars that meet, what is between them, and the bits of all three.
import type { JSX } from "preact";
import { bitsOf, exact } from "../float32.js";
import type { NanStep } from "../state.js";

interface MeetingProps {
  readonly numbers: NanStep;
  readonly step: number;
  readonly sentence: string;
}

export function Meeting({ numbers, step, sentence }: MeetingProps): JSX.Element {
  const { meanSquare, mean, squaredMean, difference } = numbers;
  const rows = [
    { name: "v", title: "v", about: "the mean of g²", value: meanSquare, other: squaredMean },
    { name: "m", title: "m²", about: "the square of the mean of g", value: squaredMean, other: meanSquare },
    { name: "d", title: "v − m²", about: "the variance", value: difference, other: null },
  ];
  return (
    <section class="meeting" aria-labelledby="meeting">
      <h2 id="meeting">What is subtracted at step {step}</h2>
      <dl>
        {rows.map(({ name, title, about, value, other }) => (
          <div key={name} class={name}>
            <dt>
              <b>{title}</b> <span class="about">{about}</span>
            </dt>
            <dd class="scale" aria-hidden="true">
              <span style={{ width: `${share(value, meanSquare)}%` }} />
            </dd>
            <dd class="value" data-value={value}>
              {mean === null && name === "m" ? "not subtracted" : exact(value)}
            </dd>
            <dd class="bits">
              <BitRow value={value} other={mean === null ? null : other} />
            </dd>
          </div>
        ))}
      </dl>
      <p class="sentence" id="distance">
        {sentence}
      </p>
    </section>
  );
}

/** How long a bar is, in percent; the longest one is v's. */
function share(value: number, most: number): number {
  return Math.max(0, Math.min(100, (100 * value) / most));
}

/** Sign, exponent and fraction; what differs from the other number is strong. */
function BitRow({ value, other }: { readonly value: number; readonly other: number | null }): JSX.Element {
  const [own, others] = [bitsOf(value), other === null ? null : bitsOf(other)];
  return (
    <code>
      <span class="unseen">float32 bits: </span>
      {(["sign", "exponent", "fraction"] as const).map((part) => (
        <span key={part} class={part} title={part}>
          {others === null ? own[part] : marked(own[part], others[part])}
        </span>
      ))}
    </code>
  );
}

/** Runs of bits, those that differ in an element of their own. */
function marked(bits: string, others: string): JSX.Element[] {
  const runs: { text: string; differs: boolean }[] = [];
  for (const [i, bit] of [...bits].entries()) {
    const differs = bit !== others[i];
    const last = runs.at(-1);
    if (last?.differs === differs) last.text += bit;
    else runs.push({ text: bit, differs });
  }
  return runs.map(({ text, differs }, i) => (differs ? <b key={i}>{text}</b> : <span key={i}>{text}</span>));
}
