// The effective learning rate of each weight: what its gradient is multiplied by, from the slots of the optimizer itself.
import { PIXELS } from "../../../../examples/digits/data.js";
import { isOwnKind, type RunSettings } from "../../settings.js";

/** How many weights of a layer have a rate within each bin. */
interface LayerRates {
  readonly name: string;
  readonly weights: number;
  readonly counts: readonly number[];
}

export interface Rates {
  readonly layers: readonly LayerRates[];
  /** The median over the weights of each input pixel. */
  readonly pixels: readonly number[];
  readonly least: number;
  readonly median: number;
  readonly greatest: number;
}

/** Bins to a decade, and the power of ten that the first one starts at. What lies outside counts in the outermost. */
export const BINS_PER_DECADE = 4;
export const FIRST_POWER = -8;
/** A float32 of a power of ten may lie just below it, and belongs to the bin that begins there. */
const ROUNDING = 1e-6;
const BINS = 16 * BINS_PER_DECADE;

/** Whether an optimizer of these settings has such rates that can be read, and otherwise why not. */
export function missingReason({ kind }: Pick<RunSettings, "kind">): string | null {
  if (kind === "lion") return "Lion steps by the sign of the gradient: every step is as long as the last.";
  if (kind === "tfjs" || kind === "tfadam") return "TensorFlow.js' own optimizers keep their state to themselves.";
  return null;
}

/** What an optimizer of the package says of itself, on any engine. */
interface ReadOptimizer {
  readonly iterations: number;
  readonly learningRate: number;
  readonly variables: readonly {
    readonly slot: string | null;
    /** The weight that a slot belongs to. */
    readonly of: object | null;
    readonly value: ArrayLike<number>;
  }[];
}

type Weight = { readonly size: number };

/** Null before the first step, and where there are no such rates. `weights` are kernel and bias of each layer. */
export function ratesOf(optimizer: object, settings: RunSettings, weights: readonly Weight[]): Rates | null {
  // An optimizer of this kind says all of it.
  const own = isOwnKind(settings.kind) ? (optimizer as ReadOptimizer) : null;
  if (own?.iterations === 0) return null;
  const rateOf = READERS[settings.kind]?.(own, settings);
  const each = rateOf ? weights.map(rateOf) : [];
  const known = each.filter((rates) => rates !== null);
  if (known.length === 0 || known.length < weights.length) return null;
  const [hiddenKernel = EMPTY, hiddenBias = EMPTY, ...output] = known;
  const sorted = joined(known).sort();
  return {
    layers: [layerOf("Hidden layer", joined([hiddenKernel, hiddenBias])), layerOf("Output layer", joined(output))],
    pixels: mediansOf(hiddenKernel),
    ...{ least: sorted[0] ?? Number.NaN, median: middle(sorted), greatest: sorted.at(-1) ?? Number.NaN },
  };
}

type Reader = (weight: Weight) => Float64Array | null;

const EMPTY = new Float64Array();

/** TensorFlow.js' own optimizers say nothing. */
type CreateReader = (own: ReadOptimizer | null, run: RunSettings) => Reader;

const READERS: Readonly<Partial<Record<RunSettings["kind"], CreateReader>>> = {
  rmsprop: (own, { options }) => {
    const [epsilon, rate] = [Number(options.epsilon), presentRate(own)];
    return (weight): Float64Array | null => {
      const [velocity, mean] = [slotOf(own, "velocity", weight), slotOf(own, "average_gradient", weight)];
      return (
        velocity &&
        Float64Array.from(velocity, (v, i) => {
          const variance = v - (mean?.[i] ?? 0) ** 2 + epsilon;
          return rate / Math.sqrt(variance <= 0 ? epsilon : variance);
        })
      );
    };
  },
  sgd: (own) => constant(presentRate(own)),
  tfsgd: (_, { options }) => constant(Number(options.learningRate)),
  adam: adamReader,
  adamw: adamReader,
};

/** The rate that multiplies the average of the gradients, corrected for its start at zero. */
function adamReader(own: ReadOptimizer | null, { options }: RunSettings): Reader {
  const updates = own?.iterations ?? Number.NaN;
  const scale = presentRate(own) * Math.sqrt(1 - Number(options.beta2) ** updates);
  return (weight) => {
    const velocity = slotOf(own, "velocity_hat", weight) ?? slotOf(own, "velocity", weight);
    return velocity && Float64Array.from(velocity, (v) => scale / (Math.sqrt(v) + Number(options.epsilon)));
  };
}

function constant(rate: number): Reader {
  return (weight) => new Float64Array(weight.size).fill(rate);
}

const presentRate = (own: ReadOptimizer | null): number => own?.learningRate ?? Number.NaN;

function slotOf(own: ReadOptimizer | null, kind: string, of: Weight): ArrayLike<number> | null {
  return own?.variables.find((variable) => variable.slot === kind && variable.of === of)?.value ?? null;
}

function joined(arrays: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}

function layerOf(name: string, rates: Float64Array): LayerRates {
  const counts = new Array<number>(BINS).fill(0);
  for (const rate of rates) {
    const bin = Math.min(
      BINS - 1,
      Math.max(0, Math.floor((Math.log10(rate) - FIRST_POWER) * BINS_PER_DECADE + ROUNDING)),
    );
    // NaN is in no bin.
    if (!Number.isNaN(bin)) counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { name, weights: rates.length, counts };
}

/** Of each row of the kernel, which belongs to a pixel. */
function mediansOf(kernel: Float64Array): number[] {
  const width = kernel.length / PIXELS;
  return Array.from({ length: PIXELS }, (_, pixel) => middle(kernel.slice(pixel * width, (pixel + 1) * width).sort()));
}

function middle(sorted: Float64Array): number {
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? Number.NaN) + (sorted[Math.floor(half)] ?? Number.NaN)) / 2;
}
