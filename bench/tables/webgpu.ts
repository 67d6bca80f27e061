// A step on a GPU against a copy of as many bytes on the same device, by size and by features; and what steps over many variables
// cost the processor.
import type { RMSpropOptions } from "rmsprop";
import type { Case, Lineup } from "../contender.js";
import type { Settings } from "../settings.js";

const SIZES = [1e4, 1e5, 1e6, 4e6, 16e6];
const QUICK_SIZES = [1e5, 1e6];
const COUNTS = [1, 200, 2000];
const LENGTH = 64;
/** Steps that the median is of. */
const STEPS = 200;

/** A set of options, and how many arrays a step of it reads and writes. */
interface Features {
  readonly options: RMSpropOptions;
  readonly reads: number;
  readonly writes: number;
}

const FEATURES: Readonly<Record<string, Features>> = {
  plain: { options: {}, reads: 3, writes: 2 },
  momentum: { options: { momentum: 0.9 }, reads: 4, writes: 3 },
  centered: { options: { centered: true }, reads: 4, writes: 3 },
  "momentum, centered, weightDecay, EMA": {
    options: { momentum: 0.9, centered: true, weightDecay: 0.004, useEma: true },
    reads: 6,
    writes: 5,
  },
  clipvalue: { options: { clipvalue: 0.5 }, reads: 3, writes: 2 },
  clipnorm: { options: { clipnorm: 1 }, reads: 4, writes: 2 },
  globalClipnorm: { options: { globalClipnorm: 1 }, reads: 4, writes: 2 },
};

export function webgpuCases({ quick }: Settings): Case[] {
  const bySize = (quick ? QUICK_SIZES : SIZES).map((size) => caseOf("plain", size));
  const byFeatures = Object.keys(FEATURES).map((name) => caseOf(name, quick ? 1e6 : 4e6));
  return [...bySize, ...byFeatures, ...COUNTS.map((count) => encodingCase(count, quick))];
}

function caseOf(features: string, parameters: number): Case {
  const { options, reads, writes } = FEATURES[features] as Features; // Its names are the keys.
  const bytes = 4 * (reads + writes);
  const create = async (): Promise<Lineup> => {
    // Only here: it loads Dawn, which not every machine has.
    const { gpuLineup } = await import("../contenders/webgpu.js");
    return gpuLineup(parameters, options, bytes);
  };
  return { facts: { part: "kernels", features, parameters, bytes }, parameters, create };
}

function encodingCase(variables: number, quick: boolean): Case {
  const rounds = quick ? STEPS / 10 : STEPS;
  return {
    facts: { part: "encoding", variables },
    parameters: variables * LENGTH,
    // A turn is a step.
    effort: { turnMs: 0, minRounds: rounds, maxRounds: rounds },
    create: async () => {
      const { gpuEncoding } = await import("../contenders/webgpu.js"); // as above
      return gpuEncoding(variables, LENGTH);
    },
  };
}
