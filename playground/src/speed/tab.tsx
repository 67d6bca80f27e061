// The tab Speed: what this browser has, and bars of what a step takes.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Finding, findings } from "./machine.js";
import type { Report } from "./worker.js";

type Bar = Extract<Report, { name: string }>;

export function SpeedTab(): JSX.Element {
  const [found, setFound] = useState<readonly Finding[]>([]);
  const [bars, setBars] = useState<readonly Bar[]>([]);
  const [status, setStatus] = useState("");
  const worker = useRef<Worker | null>(null);
  useEffect(() => {
    void findings().then(setFound);
    return () => worker.current?.terminate();
  }, []);
  const end = (text: string): void => {
    worker.current?.terminate();
    worker.current = null;
    setStatus(text);
  };
  const start = (): void => {
    const started = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.current = started;
    setBars([]);
    setStatus("Measuring …");
    started.onmessage = ({ data }: MessageEvent<Report>) => {
      if ("name" in data) setBars((before) => [...before, data]);
      else end(data.error === null ? "Measured." : `Measuring ended early: ${data.error}`);
    };
    started.onerror = () => end("The worker that measures did not start.");
    started.postMessage(navigator.hardwareConcurrency || 1);
  };
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
        One step of plain RMSprop over 4 million float32 parameters. It reads 12 bytes a parameter and writes 8; the
        limit is a kernel that moves the same bytes and only adds.
      </p>
      <div class="buttons">
        <button type="button" disabled={status === "Measuring …"} onClick={start}>
          Measure this machine
        </button>
        <span role="status">{status}</span>
      </div>
      {bars.length > 0 && <Bars bars={bars} />}
    </div>
  );
}

/** Longer is slower. */
function Bars({ bars }: { bars: readonly Bar[] }): JSX.Element {
  const slowest = Math.max(...bars.map(({ nanoseconds }) => nanoseconds));
  return (
    <table id="bars">
      <thead>
        <tr>
          <th scope="col">What computes</th>
          <th scope="col">ns a parameter</th>
          <th scope="col">GB/s</th>
        </tr>
      </thead>
      <tbody>
        {bars.map(({ name, nanoseconds, gigabytesPerSecond }) => (
          <tr key={name}>
            <th scope="row">
              {name}
              <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                <rect width={(nanoseconds / slowest) * 100} height="4" />
              </svg>
            </th>
            <td data-value={nanoseconds}>{nanoseconds.toFixed(2)}</td>
            <td data-value={gigabytesPerSecond}>{gigabytesPerSecond.toFixed(1)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
