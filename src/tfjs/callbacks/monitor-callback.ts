// What callbacks have in common that watch a loss or metric: which direction is better, and what counts as an improvement.
import { argumentsOf } from "../../check/argument.js";
import { warnOnce } from "../../check/warn.js";
import { nameIn, numberIn, type UnresolvedLogs } from "./logs.js";
import { CallbackOfModel } from "./model-callback.js";

/** Which values of a metric are better: the lower ones, the higher ones, or what its name says. */
export type MonitorMode = "auto" | "min" | "max";

/** The options of every callback that watches a loss or metric. */
export interface MonitorOptions {
  /** A name in the logs, by default `"val_loss"`. */
  readonly monitor?: string | undefined;
  /** `"min"`: lower is better. `"max"`: higher is better. `"auto"`, the default: by the name of the metric. */
  readonly mode?: MonitorMode | undefined;
}

interface Watched extends MonitorOptions {
  readonly minDelta?: number | undefined;
}

/** Names of metrics in TensorFlow.js by what is better. Others have to be told. */
const HIGHER = /(^acc|Accuracy|^accuracy|^precision|^recall|^r2Score)$/;
const LOWER = new RegExp(
  `^(mse|mae|mape|MSE|MAE|MAPE|cosine|cosineProximity|mean(Squared|Absolute|AbsolutePercentage|SquaredLogarithmic)Error|${[
    ...["(b|c|sparseC|categoricalC|binaryC|sparseCategoricalC)rossentropy", "hinge", "squaredHinge"],
    ...["categoricalHinge", "logcosh", "kullbackLeiblerDivergence", "poisson"],
  ].join("|")})$`,
);

export abstract class MonitorCallback extends CallbackOfModel {
  /** The best value so far; null before there is one. */
  best: number | null = null;
  readonly #owner: string;
  readonly #monitor: string;
  readonly #mode: MonitorMode;
  readonly #minDelta: number;
  #isHigherBetter: boolean | null = null;

  constructor(owner: string, options: Watched, usualDelta = 0) {
    super(owner);
    const { monitor = "val_loss", mode = "auto", minDelta = usualDelta } = options;
    const argument = argumentsOf(owner);
    this.#owner = owner;
    this.#monitor = argument("monitor").string(monitor);
    this.#minDelta = Math.abs(argument("minDelta").number(minDelta));
    const isKnown = ["auto", "min", "max"].includes(mode);
    if (!isKnown) warnOnce(`${owner} mode '${mode}' is unknown, fallback to auto mode.`);
    this.#mode = isKnown ? mode : "auto";
  }

  /** The name that it watches. */
  get monitor(): string {
    return this.#monitor;
  }

  /** `"min"` or `"max"`, once an epoch has ended; null before. */
  get direction(): "min" | "max" | null {
    if (this.#isHigherBetter === null) return null;
    return this.#isHigherBetter ? "max" : "min";
  }

  /** Finds out the direction. Throws a RangeError, as Keras does, for a metric whose name does not say it. @internal */
  protected chooseDirection(): void {
    this.#isHigherBetter ??= this.#mode === "auto" ? this.#named() : this.#mode === "max";
  }

  /** What is watched, or null where the logs have none. @internal */
  protected watched(logs: UnresolvedLogs | undefined): Promise<number | null> {
    return numberIn(logs, nameIn(logs ?? {}, this.#monitor));
  }

  /** Whether a value is better than another by more than `minDelta`: in float32, as in Keras. @internal */
  protected isImprovement(value: number, reference: number | null): boolean {
    if (reference === null) return true;
    const isHigher = this.#isHigherBetter;
    const [moved, compared] = [value + (isHigher ? -1 : 1) * this.#minDelta, reference].map(Math.fround);
    if (moved === undefined || compared === undefined) return false;
    return isHigher ? moved > compared : moved < compared;
  }

  #named(): boolean {
    const name = this.#monitor.replace(/^val_/, "");
    if (name === "loss") return false;
    const { metricsNames, outputNames } = this.model;
    const known = nameIn(Object.fromEntries(metricsNames.map((metric) => [metric, 0])), name);
    const output = outputNames.find((own) => known.startsWith(`${own}_`));
    const metric = output === undefined ? known : known.slice(output.length + 1);
    if (metricsNames.includes(known)) {
      if (HIGHER.test(metric)) return true;
      if (LOWER.test(metric) || metric === "loss") return false;
    }
    const remedy =
      'Pass mode: "max" for a metric whose highest value is the best, or mode: "min" for one whose lowest value is.';
    const requirement = `have a known direction; the model's metrics are ${metricsNames.join(", ")}`;
    throw argumentsOf(this.#owner)("monitor").badValue(requirement, this.#monitor, remedy);
  }
}
