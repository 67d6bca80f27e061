// The table of what was measured: nanoseconds and gigabytes as numbers, and as bars.
import type { JSX } from "preact";
import type { Bar } from "./worker.js";

export function Bars({ bars }: { bars: readonly Bar[] }): JSX.Element {
  const slowest = Math.max(...bars.map(({ nanoseconds }) => nanoseconds));
  const most = Math.max(...bars.map(({ gigabytesPerSecond }) => gigabytesPerSecond));
  return (
    <table id="bars">
      <thead>
        <tr>
          <th scope="col">What computes</th>
          <th scope="col">ns a parameter: shorter is faster</th>
          <th scope="col">GB/s: longer is faster</th>
        </tr>
      </thead>
      <tbody>
        {bars.map(({ name, kind, nanoseconds, gigabytesPerSecond }) => (
          <tr key={name} class={kind}>
            <th scope="row">{name}</th>
            <Cell value={nanoseconds} text={nanoseconds.toFixed(2)} share={nanoseconds / slowest} />
            <Cell value={gigabytesPerSecond} text={gigabytesPerSecond.toFixed(1)} share={gigabytesPerSecond / most} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ value, text, share }: { value: number; text: string; share: number }): JSX.Element {
  return (
    <td data-value={value}>
      {text}
      <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect width={share * 100} height="4" />
      </svg>
    </td>
  );
}
