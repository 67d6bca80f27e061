// Several optimizers as one, as pure functions over a tree: each trains the leaves whose paths are its own.

import { jit, type numpy as np, tree } from "@jax-js/jax";
import { type Argument, argumentsOf, Verbatim } from "../../check/argument.js";
import { isClass } from "../../check/foreign-objects.js";
import { clipOf } from "../../core/config.js";
import type { MultiOptions } from "../../core/multi/multi-options.js";
import { OptimizersByPath, warnOfIdleKeys } from "../../core/multi/optimizer-map.js";
import { deviceOf } from "../ops/numerics.js";
import {
  type Arrays,
  createProgram,
  type Kind,
  type Program,
  type ProgramFacts,
  type ProgramPart,
} from "../program.js";
import { checkKeys, initialState, inputsOf, type State, stateAfter } from "../state.js";
import { heldFactsOf, missingParams, type Transformation } from "../transformation.js";
import {
  checkMatch,
  type GradientLeaf,
  type GradientTree,
  gradientLeavesOf,
  type Model,
  modelOf,
  rebuilt,
  reportMissing,
  type Tree,
} from "../tree.js";

const argument = argumentsOf("multiOptimizer");

/**
 * The state of a run of several optimizers: that of each, in the order of the map, its default last; of a function, in the
 * order of the leaves. In the place of a tree of parameters they have arrays by their paths, such as `"encoder/kernel"`.
 */
export type MultiOptimizerState = {
  optimizers: ({ [slot: string]: np.Array | { [path: string]: np.Array } } & {
    iteration: np.Array;
    learningRate?: np.Array;
  })[];
};

/** Pure functions, as `Transformation`. A call uses up its arguments; one that throws has used up nothing. */
export interface MultiTransformation {
  /** The state before the first step. Learning rates are those of the parts: put others into the state. */
  init<P extends Tree>(params: P): MultiOptimizerState;
  /** One step in the shape of optax, as that of `Transformation`; `params` are needed where a part needs them, or a gradient is null. */
  update<P extends Tree>(
    gradients: P,
    state: MultiOptimizerState,
    params?: P,
  ): [updates: P, state: MultiOptimizerState];
  /** As above, with null for the leaves that have no gradient. */
  update<P extends Tree>(
    gradients: GradientTree,
    state: MultiOptimizerState,
    params: P,
  ): [updates: P, state: MultiOptimizerState];
  /** One step of Keras: from parameters to new parameters. */
  apply<P extends Tree>(gradients: P, state: MultiOptimizerState, params: P): [params: P, state: MultiOptimizerState];
  /** As above, with null for the leaves that have no gradient. */
  apply<P extends Tree>(
    gradients: GradientTree,
    state: MultiOptimizerState,
    params: P,
  ): [params: P, state: MultiOptimizerState];
  /** The loss to differentiate: multiplied by `lossScaleFactor`, if there is one; a step divides gradients by it. */
  scaleLoss(loss: np.Array): np.Array;
}

/** Which transformation trains a leaf: a map by paths such as `"encoder/layers/0/kernel"`, or a function of them. */
export type TransformationChoice = OptimizersByPath<Transformation> | ((path: string) => Transformation);

/**
 * Keras' `MultiOptimizer` as pure functions over a tree. A leaf's path has the keys on the way to it, with slashes between them;
 * the map finds its optimizer as that of the class does. All parts are one compiled program.
 *
 * @param optimizerMap a map, or a function from a path to a transformation, which is asked once for each path
 * @param options `lossScaleFactor`, which all parts get, and `globalClipnorm`, the norm of all gradients of all parts
 * @example
 * const solver = multiOptimizer(new OptimizerMap(adam(), { "embedding/.*": sgd({ learningRate: 0.1 }) }));
 * let state = solver.init(tree.ref(params));
 * [params, state] = solver.apply(gradients, state, params);
 */
export function multiOptimizer(
  optimizerMap: TransformationChoice,
  options: Omit<MultiOptions, "name"> = {},
): MultiTransformation {
  argument("options").keys(options, ["lossScaleFactor", "globalClipnorm"]);
  const lossScaleFactor = argument("lossScaleFactor").numberOrNull(options.lossScaleFactor ?? null, { above: 0 });
  const norm = argument("globalClipnorm").numberOrNull(options.globalClipnorm ?? null);
  const choose = choiceOf(optimizerMap, lossScaleFactor, norm !== null && norm > 0 ? norm : null);
  const programs = new Map<string, Program>();
  const programOf = (key: string, create: () => Program): Program => {
    const program = programs.get(key) ?? jit(create());
    programs.set(key, program);
    return program;
  };
  return {
    init(params: Tree) {
      const optimizers = choose(modelOf(argument("params"), params)).map(({ facts, model }) => {
        return initialState(facts, model);
      });
      tree.dispose(params);
      return { optimizers };
    },
    update: stepOf("update", choose, programOf),
    apply: stepOf("apply", choose, programOf),
    scaleLoss: (loss) => (lossScaleFactor === null ? loss : loss.mul(lossScaleFactor)),
  } as MultiTransformation; // its types tell trees apart that are all trees here
}

/** What one optimizer has of a tree. */
interface Share extends ProgramPart {
  /** Its leaves by their paths, as a tree of their own. */
  readonly model: Model;
}

type Choose = (model: Model) => Share[];

/** Says of a model which optimizer has which of its leaves. */
function choiceOf(map: TransformationChoice, lossScaleFactor: number | null, norm: number | null): Choose {
  const isMap = map instanceof OptimizersByPath;
  if (!isMap && (typeof map !== "function" || isClass(map))) {
    const remedy = "Pass new OptimizerMap(defaultOptimizer, { pattern: optimizer }).";
    throw argument("optimizerMap").badKind("be an OptimizerMap or a function", map, remedy);
  }
  const parts = new Map<unknown, ProgramFacts>();
  const partOf = (given: unknown): ProgramFacts => {
    const part = parts.get(given) ?? asPart(given, lossScaleFactor, norm);
    parts.set(given, part);
    return part;
  };
  const byPath = new Map<string, ProgramFacts>();
  const partFor = (path: string): ProgramFacts => {
    const part = byPath.get(path) ?? partOf(isMap ? map.get(path) : map(path));
    byPath.set(path, part);
    return part;
  };
  const known = (): unknown[] => (isMap ? [...new Set([...map.values(), map.defaultOptimizer])] : []);
  for (const given of known()) partOf(given);
  return ({ argument: of, leaves }) => {
    const paths = leaves.map(({ keys }) => keys.join("/"));
    if (isMap) warnOfIdleKeys(map, paths);
    const shares = new Map<ProgramFacts, Record<string, np.Array>>(known().map((given) => [partOf(given), {}]));
    const places = new Map<string, number>();
    for (const [place, path] of paths.entries()) {
      if (places.has(path)) throw of.badValue("have one leaf of each path", new Verbatim(path), "Rename a key.");
      places.set(path, place);
      const facts = partFor(path);
      const own = shares.get(facts) ?? {};
      shares.set(facts, own);
      own[path] = leaves[place]?.array as np.Array; // an index of the list
    }
    return [...shares].map(([facts, own]) => {
      const model = modelOf(of, own);
      const at = model.leaves.map(({ path }) => places.get(path) ?? 0);
      return { facts, model, places: at, paths: at.map((place) => leaves[place]?.path ?? "") };
    });
  };
}

/** The norm of all parts. */
const OF_ALL = {};

/** A transformation as a part, or an error. */
function asPart(given: unknown, lossScaleFactor: number | null, norm: number | null): ProgramFacts {
  const facts = heldFactsOf(given);
  if (facts === null) {
    const requirement = "give transformations such as adam() or defineTransformation(definition)()";
    throw argument("optimizerMap").badKind(requirement, given, "Those of classes go to class MultiOptimizer.");
  }
  if (norm !== null && clipOf(facts.config) !== "none") {
    const remedy = `Leave out its clip, or globalClipnorm=${norm}: gradients are clipped once.`;
    const received = new Verbatim(`${facts.definition.className} with a clip of its own`);
    throw argument("optimizerMap").badValue("not clip by itself under globalClipnorm", received, remedy);
  }
  const config = { ...facts.config, lossScaleFactor };
  return norm === null ? { ...facts, config } : { ...facts, config: { ...config, globalClipnorm: norm }, norm: OF_ALL };
}

const needsParams = ({ facts: { config } }: Share): boolean => config.weightDecay !== null || config.useEma;

type ProgramOf = (key: string, create: () => Program) => Program;

function stepOf(kind: Kind, choose: Choose, programOf: ProgramOf) {
  return (gradients: GradientTree, state: { optimizers: State[] }, params?: Tree): [Tree, { optimizers: State[] }] => {
    if (params === undefined && kind === "apply") throw missingParams(argument("params"), kind);
    const given = gradientLeavesOf(argument("gradients"), gradients);
    const model =
      params === undefined ? modelOf(argument("gradients"), gradients) : modelOf(argument("params"), params);
    checkMatch(argument("gradients"), given, model);
    const shares = choose(model);
    if (params === undefined && shares.some(needsParams)) throw missingParams(argument("params"), kind);
    const states = statesOf(argument("state"), state, shares);
    const lists = params === undefined ? { gradient: given } : { gradient: given, variable: model.leaves };
    const busy = shares.flatMap((share, i) => {
      if (share.places.length === 0) return []; // as in Keras: a part without variables stays as it is
      const own = argument("state").field("optimizers").at(i);
      return [{ i, share, inputs: inputsOfShare(own, states[i] as State, share, lists) }]; // one for each
    });
    if (busy.length === 0) return [model.tree, state];
    const inputs = busy.map((part) => part.inputs);
    const device = deviceOf(inputs.flatMap(({ iteration, leaves }) => [...tree.leaves(leaves), iteration]));
    const parts = busy.map(({ share }) => share);
    const key = JSON.stringify([device, kind, busy.map(({ i, share }) => [i, share.paths])]);
    const outputs = programOf(key, () => createProgram(parts, device, kind))(inputs);
    const after = [...states];
    const variables: np.Array[] = [];
    for (const [k, { i, share }] of busy.entries()) {
      const own = outputs[k] as Arrays; // one for each
      const treeOf = (name: string): Tree => rebuilt(share.model, (_, j) => own.leaves[j]?.[name] as np.Array); // each leaf has all
      after[i] = stateAfter(share.facts, own, treeOf);
      for (const [j, place] of share.places.entries()) variables[place] = own.leaves[j]?.variable as np.Array; // as above
    }
    return [rebuilt(model, (_, place) => variables[place] as np.Array), { optimizers: after }]; // each leaf has its part
  };
}

/** The states of the parts, whose keys are checked. */
function statesOf(given: Argument, state: unknown, shares: readonly Share[]): State[] {
  const list: unknown = Object(state).optimizers;
  if (!Array.isArray(list) || list.length !== shares.length) {
    const received = new Verbatim(Array.isArray(list) ? `${list.length} of them` : "none");
    const remedy = "Pass what init() or the last call gave, of the same map and tree.";
    throw given.badValue(`have optimizers, ${shares.length} of them`, received, remedy);
  }
  for (const [i, { facts }] of shares.entries()) checkKeys(facts, given.field("optimizers").at(i), list[i]);
  return list as State[]; // as was asked
}

function inputsOfShare(
  own: Argument,
  state: State,
  { facts, model, places }: Share,
  lists: Readonly<Record<string, readonly GradientLeaf[]>>,
): Arrays {
  const ofShare = Object.entries(lists).map(([name, leaves]) => {
    return [name, places.map((place) => leaves[place] as GradientLeaf)] as const; // a place is one of the tree
  });
  const others = Object.fromEntries(ofShare);
  reportMissing(argument("gradients"), others.gradient ?? [], ` for its part ${facts.config.name}`);
  return inputsOf(facts, own, state, model, others);
}
