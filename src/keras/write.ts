// writeWeights: a fresh .weights.h5 file of weights and optimizer, as Keras writes it.
import { argumentsOf } from "../check/argument.js";
import { StateMismatchError } from "../check/errors.js";
import { isSame } from "../check/lists.js";
import type { KerasConfig } from "../core/serialization.js";
import type { VariableLike } from "../plain/inputs/targets.js";
import { LossScaleOptimizer } from "../plain/loss-scale.js";
import type { AnyOptimizer } from "../plain/registry.js";
import type { Variable } from "../plain/variable.js";
import { isVariable, storageOf, variableRemedy } from "../plain/variable-memory.js";
import type { Hdf5File } from "./hdf5/read.js";
import { type NewArray, writeHdf5 } from "./hdf5/write.js";
import { layersOfConfig, placesOf } from "./layout/config-layers.js";
import { countedNames, layerContentsOf } from "./layout/layers.js";
import { INNER_STATE, numberedPlaces, ownVariablesOf, STATE, stateArrays } from "./state/state-layout.js";

/** A layer, and its variables in Keras' order. */
export interface LayerWeights {
  /** Keras' name of the class, such as `"Dense"`. */
  readonly className: string;
  /** Its variables; or those of the layers inside it by where they lie, such as `{ "forward_layer/cell": [...] }`. */
  readonly weights?: readonly Variable[] | Readonly<Record<string, readonly Variable[]>> | undefined;
  /** The layers of a model inside the model. */
  readonly layers?: readonly LayerWeights[] | undefined;
}

/** What `writeWeights` puts into a file. */
export interface WriteOptions {
  /** The model's layers in their order, those without weights where their class has others with weights. */
  readonly layers?: readonly LayerWeights[] | undefined;
  /** Instead of `layers`, the model's config in Keras' JSON; then `weights` are in the order of `model.weights`. */
  readonly config?: KerasConfig | undefined;
  readonly weights?: readonly Variable[] | undefined;
  /** The optimizer that trains them, built on the trainable ones in that order. */
  readonly optimizer?: AnyOptimizer | null | undefined;
}

/** A weight and where it lies. */
export interface PlacedWeight {
  readonly path: string;
  /** Where it lies a second time, if it does. */
  readonly twin?: string | null | undefined;
  readonly variable: Variable;
}

const OWNER = "writeWeights";
const argument = argumentsOf(OWNER);
const REMEDY = "Pass layers, or config and weights.";

/**
 * The bytes of a .weights.h5 file that Keras' `model.load_weights` takes; with an optimizer, a model that is compiled with
 * the same one, and whose optimizer is built, goes on from its step. Same values, same bytes. Takes the package h5wasm.
 *
 * @throws StateMismatchError when weights, config and optimizer do not fit together
 */
export async function writeWeights(options: WriteOptions): Promise<Uint8Array<ArrayBuffer>> {
  argument("options").keys(options, ["layers", "config", "weights", "optimizer"]);
  const { optimizer = null } = options;
  const weights = options.layers === undefined ? fromConfig(options) : fromLayers(options.layers, "layers");
  if (optimizer !== null) checkOptimizer(optimizer, weights);
  const state = optimizer === null ? [] : stateArrays(numberedPlaces(ownVariablesOf(optimizer)));
  const arrays = [...weights.flatMap(arraysOf), ...state];
  return writeHdf5(arrays, groupNames(arrays, optimizerNames(optimizer)));
}

/** A weight as an array of a file, or two, with its present values. */
export function arraysOf({ path, twin = null, variable }: PlacedWeight): NewArray[] {
  const { shape, dtype } = variable;
  const values = storageOf(variable).view.slice();
  return [path, ...(twin === null ? [] : [twin])].map((each) => ({ path: each, shape, dtype, values }));
}

function fromConfig({ config, weights }: WriteOptions): PlacedWeight[] {
  const layers = config === undefined ? null : layersOfConfig(config);
  argument("weights").array(weights, REMEDY);
  if (layers === null) throw argument("config").badKind("list layers", config, REMEDY);
  const places = placesOf(layers);
  if (places.length !== weights?.length) {
    const unknown = layers.flatMap((layer) => (layer.weights === null ? [layer.name] : []));
    const hint = unknown.length === 0 ? "" : ` Not known here, and taken to have none: ${unknown.join(", ")}.`;
    const problem = `the config's layers have another number of variables.${hint}`;
    const expected = places.map(({ name }) => name);
    const received = (weights ?? []).map(({ name }) => name);
    throw new StateMismatchError(OWNER, problem, expected, received);
  }
  return places.flatMap(({ path, twin }, i) => {
    const variable = weights[i];
    return variable === undefined ? [] : [{ path, twin, variable: checkedVariable(variable) }];
  });
}

function fromLayers(layers: readonly LayerWeights[], folder: string): PlacedWeight[] {
  argument("layers").array(layers, REMEDY);
  for (const layer of layers) argument("layer").keys(layer, ["className", "weights", "layers"]);
  const names = countedNames(layers.map(({ className }) => className));
  return layers.flatMap(({ className, weights = [], layers: inner = [] }, i) => {
    const path = `${folder}/${names[i]}`;
    const parts = Array.isArray(weights) ? { [ownPartOf(className)]: weights } : weights;
    // Each item is checked below.
    const own = Object.entries(parts as Readonly<Record<string, readonly Variable[]>>).flatMap(([part, variables]) => {
      const place = part === "" ? path : `${path}/${part}`;
      return variables.map((variable, n) => ({ path: `${place}/vars/${n}`, variable: checkedVariable(variable) }));
    });
    return [...own, ...fromLayers(inner, `${path}/layers`)];
  });
}

/** Recurrent layers keep their weights in their cell. */
function ownPartOf(className: string): string {
  const parts = layerContentsOf(className, {})?.parts ?? [];
  return parts.length === 1 ? (parts[0]?.path ?? "") : "";
}

function checkedVariable(variable: Variable): Variable {
  if (isVariable(variable)) return variable;
  throw argument("weights").badKind("be Variables", variable, variableRemedy(variable, "Pass new Variable(...)."));
}

/** A file has no names of slots: their order says whose they are. */
function checkOptimizer(optimizer: AnyOptimizer, weights: readonly PlacedWeight[]): void {
  if (!optimizer.built) return;
  const textOf = (variable: VariableLike): string =>
    isVariable(variable) ? `${variable.name} [${variable.shape}]` : `an array of ${variable.length} numbers`;
  const expected = weights.flatMap(({ variable }) => (variable.trainable ? [textOf(variable)] : []));
  const received = optimizer.trainedVariables.map(textOf);
  if (isSame(expected, received)) return;
  const problem = "the optimizer was built on other variables, or in another order, than the trainable weights.";
  throw new StateMismatchError(OWNER, problem, expected, received);
}

/** Every group of variables says whose they are: by the folder around it, or by a name of its own. */
export function groupNames(arrays: readonly NewArray[], own: GroupNames = []): Hdf5File["attributes"] {
  const groups = arrays.map(({ path }) => path.slice(0, path.lastIndexOf("/")));
  const names = new Map([...groups.map((path) => [path, path.split("/").at(-2) ?? ""] as const), ...own]);
  return new Map([...names].map(([path, name]) => [path, new Map([["name", name]])]));
}

type GroupNames = readonly (readonly [path: string, name: string])[];

function optimizerNames(optimizer: AnyOptimizer | null): GroupNames {
  if (optimizer === null) return [];
  const own = [STATE, optimizer.name] as const;
  return optimizer instanceof LossScaleOptimizer ? [own, [INNER_STATE, optimizer.innerOptimizer.name]] : [own];
}
