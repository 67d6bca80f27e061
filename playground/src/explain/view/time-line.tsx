// The bottom of the first screen: the acts, the losses, and the step that is looked at.
import type { JSX } from "preact";
import { Scrubber } from "../../ui/scrubber.js";
import { STEPS } from "../state.js";
import { ACT_WORDS, type Act, actAt } from "../story/acts.js";
import type { Paths } from "../story/paths.js";
import { spokenStep } from "../story/sentences.js";
import { LossChart } from "./loss-chart.js";

interface TimeLineProps {
  readonly paths: Paths | null;
  readonly acts: readonly Act[];
  readonly step: number;
  seek(step: number): void;
}

export function TimeLine({ paths, acts, step, seek }: TimeLineProps): JSX.Element {
  const act = actAt(acts, step);
  return (
    <section class="time" aria-label="Time line">
      <div
        class="acts"
        style={{ "--acts": acts.map(({ from, to }) => `minmax(min-content, ${to - from + 1}fr)`).join(" ") }}
      >
        {acts.map((one, i) => (
          <button key={i} type="button" aria-pressed={one === act} onClick={() => seek(one.from)}>
            <b>{i + 1}</b> {ACT_WORDS[one.kind]}
          </button>
        ))}
      </div>
      <LossChart paths={paths} acts={acts} step={step} seek={seek} />
      <Scrubber label="Step" first={1} last={STEPS} step={step} spoken={spokenStep(step, act, paths)} seek={seek} />
    </section>
  );
}
