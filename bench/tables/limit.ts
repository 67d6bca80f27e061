// Table (a): a step against the traffic of the same arrays without arithmetic, and against its divisions and roots alone.
import { type RMSpropOptions, setThreads, Variable } from "rmsprop";
import { type Case, type Lineup, timed } from "../contender.js";
import { gradients, weights } from "../contenders/data.js";
import { stepOf } from "../contenders/ours.js";
import { dividerOf, readOf, trafficOf } from "../contenders/traffic.js";
import type { Settings } from "../settings.js";

const SIZES = [1e3, 1e4, 1e5, 1e6, 4e6, 16e6, 64e6];
const QUICK_SIZES = [1e3, 1e5, 1e6, 4e6];
/** Below this a step stays on one thread. */
const THREADED_FROM = 1e5;
const IN_CACHE = 1e5;

/** A set of options, and what moves the same memory. */
interface Features {
  readonly options: RMSpropOptions;
  readonly traffic: (variable: Variable, gradient: Variable) => () => void;
}

const FEATURES: Readonly<Record<string, Features>> = {
  plain: { options: {}, traffic: (variable, gradient) => trafficOf(variable, gradient, 1) },
  momentum: { options: { momentum: 0.9 }, traffic: (variable, gradient) => trafficOf(variable, gradient, 2) },
  centered: { options: { centered: true }, traffic: (variable, gradient) => trafficOf(variable, gradient, 2) },
  "momentum, centered, weightDecay, EMA": {
    options: { momentum: 0.9, centered: true, weightDecay: 0.004, useEma: true },
    traffic: (variable, gradient) => trafficOf(variable, gradient, 4),
  },
  clipvalue: { options: { clipvalue: 0.5 }, traffic: (variable, gradient) => trafficOf(variable, gradient, 1) },
  globalClipnorm: {
    options: { globalClipnorm: 1 },
    traffic(variable, gradient) {
      const [read, move] = [readOf(gradient), trafficOf(variable, gradient, 1)];
      return () => {
        read();
        move();
      };
    },
  },
  "accumulation over 2, both calls": {
    options: { gradientAccumulationSteps: 2 },
    traffic(variable, gradient) {
      const accumulator = new Variable(weights(gradient.size));
      const [gather, update] = [trafficOf(accumulator, gradient, 0), trafficOf(variable, gradient, 2)];
      return () => {
        gather();
        update();
      };
    },
  },
};

/** By size, by features, and in cache against the divider. */
export function limitCases(settings: Settings): Case[] {
  const { quick, threads: counts } = settings;
  const sizes = quick ? QUICK_SIZES : SIZES;
  const featureSize = quick ? 4e6 : 16e6;
  const bySize = sizes.flatMap((size) =>
    counts
      .filter((threads) => threads === 1 || size >= THREADED_FROM)
      .map((threads) => againstTraffic("by size", "plain", size, threads)),
  );
  const byFeatures = Object.keys(FEATURES).flatMap((name) =>
    (quick ? counts.slice(-1) : counts).map((threads) => againstTraffic("by features", name, featureSize, threads)),
  );
  return [...bySize, ...byFeatures, againstDivider()];
}

function againstTraffic(part: string, features: string, parameters: number, threads: number): Case {
  return {
    facts: { part, features, parameters, threads },
    parameters,
    create: async () => {
      await requireThreads(threads);
      const { options, traffic } = FEATURES[features] as Features; // Its names are the keys.
      const steps = options.gradientAccumulationSteps ?? 1;
      const [variable, gradient] = [new Variable(weights(parameters)), new Variable(gradients(parameters))];
      const step = stepOf([variable], [gradient], options);
      const repeated = (): void => {
        for (let i = 0; i < steps; i++) step();
      };
      return lineup("traffic", traffic(variable, gradient), "step", steps === 1 ? step : repeated);
    },
  };
}

function againstDivider(): Case {
  return {
    facts: { part: "in cache", features: "plain", parameters: IN_CACHE, threads: 1 },
    parameters: IN_CACHE,
    create: () => {
      const step = stepOf([new Variable(weights(IN_CACHE))], [new Variable(gradients(IN_CACHE))]);
      return lineup("division and root", dividerOf(new Variable(weights(IN_CACHE))), "step", step);
    },
  };
}

function lineup(limitName: string, limit: () => void, name: string, step: () => void): Lineup {
  return { contenders: [timed(limitName, limit), timed(name, step)] };
}

async function requireThreads(threads: number): Promise<void> {
  const running = await setThreads(threads);
  if (running !== threads) throw new Error(`${threads} threads were asked for, ${running} run.`);
}
