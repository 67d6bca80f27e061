// The options of every optimizer: defaults, checks and error texts; and their form in Keras' JSON.

import { type Argument, type Arguments, argumentsOf, type NumberRule } from "../check/argument.js";
import type { BaseOptions } from "../optimizers/base-options.js";
import type { OptimizerDefinition, Option, Values } from "../optimizers/definition.js";
import type { Clip } from "../rule/plan.js";
import { checkOldDecay } from "./old-decay.js";

/** All options, checked; nothing is optional any more. */
export type Config = Required<BaseOptions> & { readonly hyper: Values };

export const BASE_DEFAULTS = {
  learningRate: 0.001,
  weightDecay: null,
  clipnorm: null,
  globalClipnorm: null,
  clipvalue: null,
  useEma: false,
  emaMomentum: 0.99,
  emaOverwriteFrequency: null,
  lossScaleFactor: null,
  gradientAccumulationSteps: null,
} as const;

/** The names of the base options, in the order of Keras' config. */
export const BASE_OPTIONS: readonly string[] = ["name", ...Object.keys(BASE_DEFAULTS)];

/** Defaults filled in and everything checked, or an error that names the argument. */
export function resolveConfig(definition: OptimizerDefinition, options: BaseOptions): Config {
  const { className } = definition;
  const argument = argumentsOf(className);
  const own = Object.keys(definition.options);
  argument("options").keys(options, [...BASE_OPTIONS, ...own], ["decay"]);
  const defaults = { ...BASE_DEFAULTS, ...definition.base };
  const oldDecay = definition.namesake?.options.decay;
  if (!own.includes("decay")) checkOldDecay(argument("decay"), options, defaults.learningRate, oldDecay);
  const given: Required<BaseOptions> = { ...defaults, name: "", ...withoutUndefined(options) };
  const numberOrNull = (name: keyof BaseOptions, rule: NumberRule = {}): number | null =>
    argument(name).numberOrNull(given[name], rule);
  const config = {
    learningRate: given.learningRate,
    // As in Keras, an optimizer that decays by default cannot do without.
    weightDecay:
      defaults.weightDecay === null
        ? numberOrNull("weightDecay", { min: 0 })
        : argument("weightDecay").number(given.weightDecay, { min: 0, remedy: "Pass 0 for none." }),
    clipnorm: numberOrNull("clipnorm"),
    clipvalue: numberOrNull("clipvalue"),
    globalClipnorm: numberOrNull("globalClipnorm"),
    useEma: argument("useEma").boolean(given.useEma),
    emaMomentum: argument("emaMomentum").number(given.emaMomentum, { min: 0, max: 1 }),
    emaOverwriteFrequency: numberOrNull("emaOverwriteFrequency", { min: 0, integer: true }),
    lossScaleFactor: numberOrNull("lossScaleFactor", { above: 0 }),
    gradientAccumulationSteps: checkAccumulation(
      argument("gradientAccumulationSteps"),
      given.gradientAccumulationSteps,
    ),
    name: argument("name").kerasName(options.name ?? className.toLowerCase()),
    hyper: resolveOwn(argument, definition, given),
  };
  checkOneClip(argument, config);
  return config;
}

/** The one clip that is on. */
export function clipOf({ clipnorm, clipvalue, globalClipnorm }: Config): Clip {
  if ((clipnorm ?? 0) > 0) return "norm";
  if ((globalClipnorm ?? 0) > 0) return "globalNorm";
  return (clipvalue ?? 0) > 0 ? "value" : "none";
}

function resolveOwn(argument: Arguments, { options }: OptimizerDefinition, given: object): Values {
  const values: Readonly<Record<string, unknown>> = { ...given };
  const entries = Object.entries(options).map(([name, option]) => {
    const value = values[name] === undefined ? option.default : values[name];
    return [name, checkOption(argument(name), option, value)];
  });
  return Object.fromEntries(entries);
}

function checkOption(argument: Argument, option: Option, value: unknown): number | boolean | string {
  if ("oneOf" in option) return argument.choice(value, option.oneOf);
  if (typeof option.default === "boolean") return argument.boolean(value);
  return argument.number(value, option as NumberRule); // it is no choice, and its default is a number
}

function checkOneClip(argument: Arguments, config: Pick<Config, "clipnorm" | "clipvalue" | "globalClipnorm">): void {
  const names = ["clipnorm", "clipvalue", "globalClipnorm"] as const;
  const [first, second] = names.filter((name) => config[name] !== null);
  if (first === undefined || second === undefined) return;
  const remedy = `Only one way to clip can be set: leave out ${first}=${config[first]} or ${second}.`;
  throw argument(second).badValue(`be null when ${first} is set`, config[second], remedy);
}

function checkAccumulation(argument: Argument, steps: unknown): number | null {
  const isKept = steps === null || steps === 0 || (typeof steps === "number" && Number.isInteger(steps) && steps >= 2);
  if (isKept) return steps;
  const requirement = "be an integer >= 2, or null or 0 for none";
  const remedy = "Leave it out to update in each call.";
  throw argument.bad("number", requirement, steps, remedy);
}

function withoutUndefined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
