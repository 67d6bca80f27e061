// The tab Speed: what this browser has, and bars of what a step takes.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useChanges } from "../ui/follow.js";
import { Bars } from "./bars.js";
import { type Finding, findings } from "./machine.js";
import { Measurement } from "./measurement.js";

export function SpeedTab(): JSX.Element {
  const [found, setFound] = useState<readonly Finding[]>([]);
  const [measurement] = useState(() => new Measurement());
  const [tensorflow, setTensorflow] = useState(false);
  useChanges(measurement, 0);
  useEffect(() => {
    void findings().then(setFound);
    return () => measurement.stop();
  }, []);
  const { running, status, doing, bars, missing } = measurement;
  return (
    <div>
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
      <p>
        One step of plain RMSprop over 4 million float32 parameters. It reads 12 bytes a parameter and writes 8; a limit
        is a kernel that moves as many bytes and does next to no arithmetic.
      </p>
      <p>
        <label>
          <input
            type="checkbox"
            checked={tensorflow}
            disabled={running}
            onChange={({ currentTarget }) => setTensorflow(currentTarget.checked)}
          />{" "}
          Measure TensorFlow.js on its wasm backend, too: loads about 210 kB. It runs on one thread, since its threads
          are scripts made at run time, which the policy of this page refuses.
        </label>
      </p>
      <div class="buttons">
        <button type="button" onClick={() => (running ? measurement.stop() : measurement.start(tensorflow))}>
          {running ? "Stop" : "Measure this machine"}
        </button>
        <span role="status">{status}</span>
        <span class="quiet">{doing}</span>
      </div>
      <ul id="missing">
        {missing.map(({ missing: name, about }) => (
          <li key={name}>
            <strong>{name} was not measured.</strong> {about}
          </li>
        ))}
      </ul>
      {bars.length > 0 && <Bars bars={bars} />}
    </div>
  );
}
