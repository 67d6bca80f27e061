// The bar at the foot of the terminal while a run goes on. Without a terminal there is none, and no control character is written.
import { SingleBar } from "cli-progress";

/** A bar for one run, whose `Values` stand behind it. */
export interface Progress<Values extends object> {
  /** Moves the bar on by one step. */
  step(values: Values): void;
  /** Takes the bar off, runs `print`, and puts it back. */
  above(print: () => void): void;
  stop(): void;
}

/**
 * A bar of `steps` steps on stderr, if that is a terminal; the results on stdout stay clean in either case. `format` names the
 * values in braces; `first` are those before the first step.
 */
export function createProgress<Values extends object>(
  steps: number,
  format: string,
  first: Readonly<Record<keyof Values, unknown>>,
): Progress<Values> {
  const bar = new SingleBar({
    format: `[{bar}]  ${format}  {left} s left`,
    barsize: 24,
    linewrap: true,
    clearOnComplete: true,
    gracefulExit: false,
  });
  const start = performance.now();
  let done = 0;
  let shown: object = { ...first, left: "?" };
  bar.start(steps, done, shown);
  return {
    step: (values) => {
      done++;
      const left = Math.ceil((((performance.now() - start) / done) * (steps - done)) / 1000);
      shown = { ...values, left };
      bar.update(done, shown);
    },
    above: (print) => {
      bar.stop();
      print();
      if (done < steps) {
        bar.start(steps, done, shown);
      }
    },
    stop: () => bar.stop(),
  };
}
