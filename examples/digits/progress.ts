// The bar at the foot of the terminal while a run goes on. Without a terminal there is none, and no control character is written.
import { SingleBar } from "cli-progress";
import type { Score } from "./train.js";

/** A bar for one run of `steps` steps. */
export interface Progress {
  /** Moves the bar on by one step. */
  step(epoch: number, score: Score): void;
  /** Takes the bar off, runs `print`, and puts it back. */
  above(print: () => void): void;
  stop(): void;
}

/** A bar on stderr, if that is a terminal; the results on stdout stay clean in either case. */
export function createProgress(epochs: number, steps: number): Progress {
  const bar = new SingleBar({
    format: `[{bar}]  epoch {epoch}/${epochs}  loss {loss}  accuracy {accuracy}  {left} s left`,
    barsize: 24,
    linewrap: true,
    clearOnComplete: true,
    gracefulExit: false,
  });
  const start = performance.now();
  let done = 0;
  let shown: object = { epoch: 1, loss: "-", accuracy: "-", left: "?" };
  bar.start(steps, done, shown);
  return {
    step: (epoch, score) => {
      done++;
      const left = Math.ceil((((performance.now() - start) / done) * (steps - done)) / 1000);
      shown = { epoch, loss: score.loss.toFixed(3), accuracy: score.accuracy.toFixed(3), left };
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
