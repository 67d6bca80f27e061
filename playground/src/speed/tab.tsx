// The tab Speed: one sentence about this machine, the bars that it is made of, and what this browser has.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { TabProps } from "../tab-props.js";
import { useChanges } from "../ui/follow.js";
import { Bars } from "./bars.js";
import type { Measured } from "./contenders.js";
import { type Finding, findings } from "./machine.js";
import { measurement } from "./measuring/measurement.js";
import { verdictOf } from "./sentences.js";

export function SpeedTab({ state, change }: TabProps): JSX.Element {
  const [tensorflow, setTensorflow] = useState(true);
  useChanges(measurement, 0);
  const { running, status, doing, missing } = measurement;
  const shown = running ? measurement.measured : (state.measured ?? measurement.measured);
  const start = (): void =>
    measurement.start(tensorflow, (measured) => change((present) => ({ ...present, measured })));
  return (
    <div class="speed">
      {!running && shown && <Verdict measured={shown} isOwn={isSame(shown, measurement.measured)} />}
      {!running && !shown && (
        <p class="lead">
          Times one step of RMSprop over 4 million parameters, by everything in this browser that can compute it. That
          takes about ten seconds.
        </p>
      )}
      <div class="buttons">
        <button type="button" class="primary" onClick={() => (running ? measurement.stop() : start())}>
          {running ? "Stop" : "Measure this machine"}
        </button>
        <label>
          <input
            type="checkbox"
            checked={tensorflow}
            disabled={running}
            onChange={({ currentTarget }) => setTensorflow(currentTarget.checked)}
          />{" "}
          with TensorFlow.js (210 kB)
        </label>
        <span role="status">{status}</span>
        <span class="quiet">{doing}</span>
      </div>
      {shown && <Bars bars={shown.bars} />}
      <ul id="missing">
        {missing.map(({ missing: name, about }) => (
          <li key={name}>
            <strong>{name} was not measured.</strong> {about}
          </li>
        ))}
      </ul>
      <About />
    </div>
  );
}

function isSame(one: Measured, other: Measured | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function Verdict({ measured, isOwn }: { readonly measured: Measured; readonly isOwn: boolean }): JSX.Element {
  const verdict = verdictOf(measured, isOwn ? "your" : "its");
  return (
    <>
      {verdict && <p class="verdict">{verdict.headline}</p>}
      <p id="whose" class={isOwn ? "quiet" : "notice"}>
        {isOwn ? "Measured on this machine: " : "These numbers came with the link. They were measured elsewhere: "}
        {measured.machine}.{isOwn ? "" : " Measure this machine to see yours."}
      </p>
      {verdict && <p class="how">{verdict.how}</p>}
    </>
  );
}

function About(): JSX.Element {
  const [found, setFound] = useState<readonly Finding[]>([]);
  useEffect(() => {
    void findings().then(setFound);
  }, []);
  return (
    <>
      <h2>What this browser offers</h2>
      <ul id="findings">
        {found.map(({ name, found: isThere, about }) => (
          <li key={name}>
            <strong>
              {name}: {isThere ? "yes" : "no"}.
            </strong>{" "}
            {about}
          </li>
        ))}
      </ul>
      <h2>What is measured</h2>
      <p>
        A step of plain RMSprop over 4 million float32 parameters, the fastest of three rounds. For each parameter it
        reads 12 bytes and writes 8. A limit is a kernel that moves as many bytes and does next to no arithmetic.
        TensorFlow.js runs on its wasm backend, on one thread: its threads are scripts made at run time, which the
        policy of this page refuses.
      </p>
    </>
  );
}
