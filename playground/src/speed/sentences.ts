// What the measurements say, in words: one sentence, and the numbers that it is made of.
import { type Bar, describe, type Measured } from "./contenders.js";

interface Verdict {
  /** In one sentence. */
  readonly headline: string;
  /** Where its numbers are from. */
  readonly how: string;
}

/** Null where too little was measured. `whose` machine it is: "your" or "its". */
export function verdictOf({ bars }: Measured, whose: "your" | "its"): Verdict | null {
  const fastest = bestOf(bars);
  const parts = [speedup(fastest), ofMemory(fastest, whose), withoutWebAssembly(fastest, whose)];
  const said = parts.filter((part) => part !== null);
  if (said.length === 0) return null;
  return {
    headline: `${said.map(({ headline }) => headline).join("; ")}.`,
    how: said.map(({ how }) => how).join(" "),
  };
}

/** By its word without the number of threads, the fastest of each. */
type Fastest = Readonly<Partial<Record<string, Bar>>>;

function bestOf(bars: readonly Bar[]): Fastest {
  const slowestFirst = [...bars].sort((a, b) => b.nanoseconds - a.nanoseconds);
  return Object.fromEntries(slowestFirst.map((bar) => [bar.word.replace(/\d+$/, ""), bar]));
}

/** Like is compared with like: the same backend and one thread, or else what a program without a library does. */
function speedup({ tfjs, tftrain, wasm, loop }: Fastest): Verdict | null {
  if (tfjs && tftrain) {
    return {
      headline: `${timesAsFast(tfjs, tftrain)} tf.train.rmsprop`,
      how: `On the same backend and one thread, rmsprop/tfjs takes ${taken(tfjs)} where tf.train.rmsprop takes ${taken(tftrain)}.`,
    };
  }
  if (!wasm || !loop) return null;
  return {
    headline: `${timesAsFast(wasm, loop)} a JavaScript loop`,
    how: `${nameOf(wasm)}, takes ${taken(wasm)} where a JavaScript loop takes ${taken(loop)}.`,
  };
}

function ofMemory({ wasm, traffic }: Fastest, whose: string): Verdict | null {
  if (!wasm || !traffic) return null;
  const share = Math.min(1, traffic.nanoseconds / wasm.nanoseconds);
  return {
    headline: `${Math.round(100 * share)}% of what ${whose} memory allows`,
    how: `The fastest step in WebAssembly takes ${taken(wasm)}; moving the same bytes without the arithmetic takes ${taken(traffic)}.`,
  };
}

/** What it costs where it is refused: nobody could measure it there, but how long the memory needs is known. */
function withoutWebAssembly({ js, copy }: Fastest, whose: string): Verdict | null {
  if (!js || !copy) return null;
  return {
    headline: `Without WebAssembly, a step takes ${times(js.nanoseconds / copy.nanoseconds)} times as long as ${whose} memory needs`,
    how: `rmsprop in JavaScript takes ${taken(js)}; copying as many bytes takes ${taken(copy)}. With WebAssembly, memory is the limit rather than arithmetic.`,
  };
}

function timesAsFast(one: Bar, other: Bar): string {
  return `${times(other.nanoseconds / one.nanoseconds)} times as fast as`;
}

/** Two digits: more would differ from run to run. */
function times(ratio: number): string {
  return String(Number(ratio.toPrecision(ratio < 100 ? 2 : 3)));
}

function taken({ nanoseconds }: Bar): string {
  return `${shownTime(nanoseconds)} ns per parameter`;
}

/** In the digits of the table. */
export function shownTime(nanoseconds: number): string {
  return nanoseconds.toFixed(2);
}

function nameOf({ word }: Bar): string {
  return describe(word)?.name ?? word;
}
