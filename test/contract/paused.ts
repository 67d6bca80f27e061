// A process of its own: makes steps on three threads until it is told to end, and says whether anything was lost by them.
import { RMSprop, setEngine, setThreads, Variable } from "rmsprop";

/** What became of the steps. */
export interface Outcome {
  readonly threads: number;
  readonly steps: number;
  readonly errors: readonly string[];
  /** Whether as many steps on one thread give the same bits. */
  readonly same: boolean;
}

const LENGTH = 300_007;

class Run {
  readonly variable = new Variable(Float32Array.from({ length: LENGTH }, (_, i) => Math.sin(i)));
  readonly gradient = new Variable(Float32Array.from({ length: LENGTH }, (_, i) => Math.cos(i)));
  readonly optimizer = new RMSprop({ learningRate: 1e-4, momentum: 0.9 });

  step(): void {
    this.optimizer.apply([this.gradient], [this.variable]);
  }

  get bits(): Buffer {
    const arrays = [this.variable, ...this.optimizer.variables];
    return Buffer.concat(arrays.map(({ value }) => new Uint8Array(value.slice().buffer)));
  }
}

setEngine("wasm");
const threads = await setThreads(3);
const run = new Run();
const errors: string[] = [];
let ended = false;
process.once("message", () => {
  ended = true;
});
process.send?.("ready");
for (let steps = 0; !ended; steps++) {
  try {
    run.step();
  } catch (error) {
    errors.push(String(error));
  }
  // A message is heard between two turns.
  if (steps % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
}
await setThreads(1);
const alone = new Run();
const steps = run.optimizer.iterations;
while (alone.optimizer.iterations < steps) alone.step();
const outcome: Outcome = { threads, steps, errors, same: alone.bits.equals(run.bits) };
process.send?.(outcome);
process.disconnect();
