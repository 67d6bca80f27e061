// The options of every optimizer: defaults, checks and error texts.

import { type Argument, type Arguments, argumentsOf } from "../check/argument.js";
import { type OptionRule, OptionTable, type Resolved } from "../check/option-table.js";
import type { BaseOptions } from "../optimizers/base-options.js";
import type { OptimizerDefinition, Values } from "../optimizers/definition.js";
import type { Clip } from "../rule/plan.js";
import { checkOldDecay } from "./old-decay.js";

/** All options, checked; nothing is optional any more. */
export type Config = Resolved<BaseOptions> & { readonly hyper: Values };

/** Options that Keras does not have, so that its JSON has no place for them. */
const OURS: Readonly<Record<"skipNonFinite" | "trackNorm", OptionRule>> = {
  skipNonFinite: { default: false },
  trackNorm: { default: false },
};

/** In the order of Keras' config. */
const BASE: Readonly<Record<Exclude<keyof BaseOptions, keyof typeof OURS>, OptionRule>> = {
  name: { default: "" },
  learningRate: { default: 0.001, check: (_, value) => value }, // whoever uses it checks it
  weightDecay: { default: null, min: 0 },
  clipnorm: { default: null },
  globalClipnorm: { default: null },
  clipvalue: { default: null },
  useEma: { default: false },
  emaMomentum: { default: 0.99, min: 0, max: 1 },
  emaOverwriteFrequency: { default: null, min: 0, integer: true },
  lossScaleFactor: { default: null, above: 0 },
  gradientAccumulationSteps: { default: null, check: checkAccumulation },
};

/** The names of Keras' base options, in the order of its config. */
export const BASE_OPTIONS: readonly string[] = Object.keys(BASE);

/** The names of those that every optimizer has here and Keras does not. */
export const OUR_OPTIONS: readonly string[] = Object.keys(OURS);

/** What one of them is when it is not given. */
export const baseDefault = (option: string): unknown => ({ ...BASE, ...OURS })[option as keyof BaseOptions]?.default;

/** Defaults filled in and everything checked, or an error that names the argument. */
export function resolveConfig(definition: OptimizerDefinition, options: BaseOptions): Config {
  const { className, options: own, base = {}, namesake } = definition;
  const argument = argumentsOf(className);
  const rules: Record<string, OptionRule> = {
    ...{ ...BASE, ...OURS, name: { default: className.toLowerCase() } },
    ...own,
  };
  for (const [name, usual] of Object.entries(base)) {
    if (usual === undefined) continue;
    // As in Keras, an optimizer that decays by default cannot do without.
    rules[name] = { ...rules[name], default: usual, remedy: "Pass 0 for none." };
  }
  if (!("decay" in own)) {
    checkOldDecay(argument("decay"), options, rules.learningRate?.default, namesake?.options.decay);
  }
  const values = new OptionTable(className, rules).fieldsOf(options, ["decay"]);
  const hyper = Object.fromEntries(Object.keys(own).map((name) => [name, values[name]]));
  const config = { ...values, hyper } as Config; // each was checked by its rule
  checkOneClip(argument, config);
  return config;
}

/** The one clip that is on. */
export function clipOf({ clipnorm, clipvalue, globalClipnorm }: Config): Clip {
  if ((clipnorm ?? 0) > 0) return "norm";
  if ((globalClipnorm ?? 0) > 0) return "globalNorm";
  return (clipvalue ?? 0) > 0 ? "value" : "none";
}

function checkOneClip(argument: Arguments, config: Config): void {
  const names = ["clipnorm", "clipvalue", "globalClipnorm"] as const;
  const [first, second] = names.filter((name) => config[name] !== null);
  if (first === undefined || second === undefined) return;
  const remedy = `Only one way to clip can be set: leave out ${first}=${config[first]} or ${second}.`;
  throw argument(second).badValue(`be null when ${first} is set`, config[second], remedy);
}

function checkAccumulation(argument: Argument, steps: unknown): unknown {
  const isKept = steps === null || steps === 0 || (typeof steps === "number" && Number.isInteger(steps) && steps >= 2);
  if (isKept) return steps;
  const requirement = "be an integer >= 2, or null or 0 for none";
  throw argument.bad("number", requirement, steps, "Leave it out to update in each call.");
}
