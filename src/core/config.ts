// The options of every optimizer: defaults, checks and error texts; and their form in Keras' JSON.

import {
  checkBoolean,
  checkChoice,
  checkKnownKeys,
  checkName,
  checkNumber,
  checkNumberOrNull,
  type NumberRule,
} from "../check/arguments.js";
import { badKind, badValue } from "../check/errors.js";
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
  const owner = definition.className;
  const own = Object.keys(definition.options);
  checkKnownKeys(owner, options, [...BASE_OPTIONS, ...own], "options", ["decay"]);
  const defaults = { ...BASE_DEFAULTS, ...definition.base };
  if (!own.includes("decay")) checkOldDecay(owner, options, defaults.learningRate, definition.namesake?.options.decay);
  const given: Required<BaseOptions> = { ...defaults, name: "", ...withoutUndefined(options) };
  const numberOrNull = (argument: keyof BaseOptions, rule: NumberRule = {}): number | null =>
    checkNumberOrNull(owner, argument, given[argument], rule);
  const config = {
    learningRate: given.learningRate,
    weightDecay: numberOrNull("weightDecay", { min: 0 }),
    clipnorm: numberOrNull("clipnorm"),
    clipvalue: numberOrNull("clipvalue"),
    globalClipnorm: numberOrNull("globalClipnorm"),
    useEma: checkBoolean(owner, "useEma", given.useEma),
    emaMomentum: checkNumber(owner, "emaMomentum", given.emaMomentum, { min: 0, max: 1 }),
    emaOverwriteFrequency: numberOrNull("emaOverwriteFrequency", { min: 0, integer: true }),
    lossScaleFactor: numberOrNull("lossScaleFactor", { above: 0 }),
    gradientAccumulationSteps: checkAccumulation(owner, given.gradientAccumulationSteps),
    name: checkName(owner, options.name ?? owner.toLowerCase()),
    hyper: resolveOwn(definition, given),
  };
  checkOneClip(owner, config);
  return config;
}

/** The one clip that is on. */
export function clipOf({ clipnorm, clipvalue, globalClipnorm }: Config): Clip {
  if ((clipnorm ?? 0) > 0) return "norm";
  if ((globalClipnorm ?? 0) > 0) return "globalNorm";
  return (clipvalue ?? 0) > 0 ? "value" : "none";
}

function resolveOwn({ className, options }: OptimizerDefinition, given: object): Values {
  const values: Readonly<Record<string, unknown>> = { ...given };
  const entries = Object.entries(options).map(([name, option]) => {
    const value = values[name] === undefined ? option.default : values[name];
    return [name, checkOption(className, name, option, value)];
  });
  return Object.fromEntries(entries);
}

function checkOption(owner: string, name: string, option: Option, value: unknown): number | boolean | string {
  if ("oneOf" in option) return checkChoice(owner, name, value, option.oneOf);
  if (typeof option.default === "boolean") return checkBoolean(owner, name, value);
  return checkNumber(owner, name, value, option as NumberRule); // it is no choice, and its default is a number
}

function checkOneClip(owner: string, config: Pick<Config, "clipnorm" | "clipvalue" | "globalClipnorm">): void {
  const names = ["clipnorm", "clipvalue", "globalClipnorm"] as const;
  const [first, second] = names.filter((name) => config[name] !== null);
  if (first === undefined || second === undefined) return;
  const requirement = `be null when ${first} is set`;
  const remedy = `Only one way to clip can be set: leave out ${first}=${config[first]} or ${second}.`;
  throw badValue({ owner, argument: second, requirement, received: config[second], remedy });
}

function checkAccumulation(owner: string, steps: unknown): number | null {
  const isKept = steps === null || steps === 0 || (typeof steps === "number" && Number.isInteger(steps) && steps >= 2);
  if (isKept) return steps;
  const requirement = "be an integer >= 2, or null or 0 for none";
  const remedy = "Leave it out to update in each call.";
  const complaint = { owner, argument: "gradientAccumulationSteps", requirement, received: steps, remedy };
  throw typeof steps === "number" ? badValue(complaint) : badKind(complaint);
}

function withoutUndefined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
