// A run taken from live objects, and given back to them when everything fits. It knows neither files nor what holds the
// numbers: the faces say that. What a run is as data is in saved-run.ts.
import { Argument, Verbatim } from "../check/argument.js";
import { reasonOf } from "../check/built-ins.js";
import { StateMismatchError } from "../check/errors.js";
import { isSame } from "../check/lists.js";
import { warnOnce } from "../check/warn.js";
import type { Run } from "../core/run/run.js";
import { warnOfName } from "../core/saved-functions.js";
import { optionsBeside, type SerializedObject } from "../core/serialization.js";
import type { StateVariable } from "../core/state/state.js";
import type { FloatArray } from "../engine/engine.js";
import type { DType } from "../rule/plan.js";
import type { Tensor } from "./safetensors.js";
import type { SavedRun, SavedVariable, Traits } from "./saved-run.js";

/** A variable, whatever holds its values. `V` is what the user passes. */
export interface Held<V extends object> {
  readonly key: V;
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** It has no shape of its own, only a length. */
  readonly isFlat: boolean;
  readonly traits: Traits;
  /** The present values: live, or a copy. */
  readonly read: () => FloatArray;
  readonly write: (values: FloatArray) => void;
}

/** An optimizer as a checkpoint sees it. */
export interface Live<V extends object> {
  readonly className: string;
  readonly isBuilt: boolean;
  /** It was made of the checkpoint, and is to leave out of weight decay what was left out. */
  readonly isNew: boolean;
  /** Of the optimizer that keeps the slots; it may be inside another one. */
  readonly run: Run<V, never, unknown>;
  readonly variables: () => readonly StateVariable[];
  readonly serialize: () => SerializedObject;
}

/** How names tell variables apart. */
export interface Naming {
  /** Whether a variable can be found by this name. */
  readonly identifies: (name: string) => boolean;
  /** Whether both may be names of one variable, of which the place is the same. */
  readonly agree: (saved: string, given: string) => boolean;
}

/** Who gives a run back. */
const OWNER = "loadCheckpoint";

/** The run as data. Arrays are not copied: they are to be written before the next step. */
export function takeRun<V extends object>(
  argument: Argument,
  live: Live<V>,
  held: readonly Held<V>[],
  metadata: Readonly<Record<string, string>>,
): SavedRun {
  live.run.checkUsable();
  const indices = indicesOf(held);
  const trained = live.run.variables.map((variable) => indices.get(variable) ?? -1);
  if (trained.includes(-1)) throw missingVariable(argument, held, trained.length);
  const isTrained = new Set(trained);
  // First all that may run code of the user's, such as a schedule's getConfig: values are views that it could make stale.
  const optimizer = serialized(live);
  const traits = held.map(({ key, traits: own }, i) => {
    if (own.constraint?.class_name === "function")
      warnOfName(new Argument("Variable", "constraint"), String(own.constraint.config));
    const excluded = isTrained.has(i) && !live.run.decays(key);
    const part = live.run.partOf(key);
    return { ...own, ...(excluded && { decays: false }), ...(part >= 0 && { part }) };
  });
  const own = live.variables();
  return {
    ...{ className: live.className, optimizer, options: optionsBeside(live.run.state.definition, live.run.config) },
    variables: held.map(({ name, dtype, shape, read }, i) => ({
      ...{ name, dtype, shape, traits: traits[i] ?? {}, values: read() },
    })),
    trained: live.isBuilt ? trained : null,
    counters: own.filter((variable) => variable.of === null).map(tensorOf),
    slots: own.flatMap((variable) => {
      const { slot: kind, of } = variable;
      return kind === null || of === null ? [] : [{ kind, index: indices.get(of) ?? 0, tensor: tensorOf(variable) }];
    }),
    metadata,
  };
}

/**
 * Gives a run back to an optimizer and its variables; builds the optimizer if it is not. Throws StateMismatchError, with
 * both lists, or what the optimizer says of a value that it cannot take; then nothing has changed.
 */
export function giveRun<V extends object>(
  saved: SavedRun,
  live: Live<V>,
  held: readonly Held<V>[],
  naming: Naming,
): void {
  checkOptimizer(saved, live);
  const targets = matchVariables(saved.variables, held, naming);
  const trained = saved.trained?.map((index) => (targets[index] as Held<V>).key); // the indices were checked
  const restore = (): void => {
    checkParts(saved, live, targets);
    const pairs = matchOptimizer(saved, live, targets);
    for (const { variable, values } of pairs) variable.check(values);
    for (const [i, { values }] of saved.variables.entries()) targets[i]?.write(values);
    for (const { variable, values } of pairs) variable.assign(values);
  };
  if (live.isNew) exclude(saved, live.run, targets);
  if (trained) live.run.buildThen(trained, restore);
  else restore();
}

/** What an optimizer that is not built will have. */
export interface ExpectedState {
  /** The counters of the built optimizer. */
  readonly counters: readonly StateVariable[];
  slotsFor(variable: { readonly name: string; readonly overwriteWithGradient: boolean }): readonly string[];
}

/**
 * Throws what `giveRun` will say of an optimizer that is not built and of variables that are to be made of the saved ones,
 * before any of them is made.
 */
export function checkExpectedState<V extends object>(saved: SavedRun, live: Live<V>, expected: ExpectedState): void {
  checkOptimizer(saved, live);
  const counters = saved.trained === null ? live.variables() : expected.counters;
  const trained = (saved.trained ?? []).map((index) => {
    const { name = "", dtype = "float32", shape = [], traits = {} } = saved.variables[index] ?? {};
    const { overwriteWithGradient = false } = traits;
    return { name, dtype, shape, index, kinds: expected.slotsFor({ name, overwriteWithGradient }) };
  });
  // In the order of the variables that have most.
  const kinds = new Set(
    trained
      .map((each) => each.kinds)
      .sort((a, b) => b.length - a.length)
      .flat(),
  );
  const slots = [...kinds].flatMap((kind) =>
    trained.flatMap(({ kinds, ...each }): Need[] => (kinds.includes(kind) ? [{ ...each, kind }] : [])),
  );
  const needs = [...counters.map((variable) => needOf(variable, new Map())), ...slots];
  if (tensorsFor(saved, needs) === null) throw otherState(saved, needs);
}

/** Throws unless the optimizer can be used, and is of the saved class. */
function checkOptimizer<V extends object>(saved: SavedRun, live: Live<V>): void {
  live.run.checkUsable();
  if (saved.className === live.className) return;
  const problem = `the checkpoint is of another optimizer; nothing was restored. Pass one of the class ${saved.className}.`;
  throw new StateMismatchError(OWNER, problem, [live.className], [saved.className]);
}

/** Throws where another part would go on with a variable than the one that has trained it, as when its name is another. */
function checkParts<V extends object>(saved: SavedRun, { run }: Live<V>, targets: readonly Held<V>[]): void {
  const partOf = (part: number): string => (part < 0 ? "none" : `part ${part}`);
  const placed = (saved.trained ?? []).map((index) => {
    const { key, name } = targets[index] as Held<V>; // the indices were checked
    return { name, own: run.partOf(key), saved: saved.variables[index]?.traits.part ?? -1 };
  });
  if (placed.every(({ own, saved }) => own === saved)) return;
  const problem = "other parts of the optimizer train these variables here; nothing was restored. Check its map.";
  const texts = (which: "own" | "saved") => placed.map((each) => `${each.name}: ${partOf(each[which])}`);
  throw new StateMismatchError(OWNER, problem, texts("own"), texts("saved"));
}

function exclude<V extends object>(saved: SavedRun, run: Live<V>["run"], targets: readonly Held<V>[]): void {
  const variables = targets.filter((_, i) => saved.variables[i]?.traits.decays === false).map(({ key }) => key);
  if (variables.length > 0) run.exclude({ variables });
}

function indicesOf<V extends object>(held: readonly Held<V>[]): Map<object, number> {
  return new Map(held.map(({ key }, i) => [key, i]));
}

function tensorOf(variable: StateVariable): Tensor {
  const { name, dtype, shape } = variable;
  return { name, dtype, shape, values: variable.present() };
}

/** Null where there is no JSON of it, as of a function without a name: then an optimizer has to be passed when it is loaded. */
function serialized<V extends object>({ className, serialize }: Live<V>): SerializedObject | null {
  try {
    return serialize();
  } catch (error) {
    const why = "its config is not saved, so that an optimizer has to be passed where it is loaded.";
    warnOnce(`${className}: ${why} ${reasonOf(error)}`);
    return null;
  }
}

/** The variable for each of the saved ones: by name where both sides have the same names, each once, else by order. */
function matchVariables<V extends object>(
  saved: readonly SavedVariable[],
  held: readonly Held<V>[],
  naming: Naming,
): Held<V>[] {
  const named = new Map(held.map((variable) => [variable.name, variable]));
  const found = new Set(saved.flatMap(({ name }) => (naming.identifies(name) ? (named.get(name) ?? []) : [])));
  const isByName = found.size === saved.length && found.size === held.length;
  const targets = isByName ? [...found] : held;
  const misfits = saved.filter((variable, i) => {
    const target = targets[i];
    return !target || !fits(variable, target) || !(isByName || naming.agree(variable.name, target.name));
  });
  if (misfits.length === 0 && saved.length === held.length) return [...targets];
  const problem = `the checkpoint is of other variables${listed(misfits.map(textOf))}; nothing was restored.`;
  throw new StateMismatchError(OWNER, problem, held.map(textOf), saved.map(textOf));
}

function fits<V extends object>({ dtype, shape, values }: SavedVariable, target: Held<V>): boolean {
  if (dtype !== target.dtype) return false;
  return target.isFlat ? values.length === target.shape[0] : isSame(shape, target.shape);
}

/** Each of the optimizer's variables with its saved values. */
function matchOptimizer<V extends object>(saved: SavedRun, live: Live<V>, targets: readonly Held<V>[]) {
  const indices = indicesOf(targets);
  const trained = live.run.variables;
  const known = new Set(saved.trained ?? []);
  const own = live.variables();
  const needs = own.map((variable) => needOf(variable, indices));
  const isSame = trained.length === known.size && trained.every((key) => known.has(indices.get(key) ?? -1));
  const tensors = isSame ? tensorsFor(saved, needs) : null;
  if (tensors === null) throw otherState(saved, needs);
  return own.map((variable, i) => ({ variable, values: tensors[i]?.values ?? [] }));
}

/** One of an optimizer's variables as far as a checkpoint names it: a counter, or a slot of a saved variable. */
interface Need extends Shaped {
  /** The kind of slot; null for a counter. */
  readonly kind: string | null;
  readonly index: number;
}

function needOf({ slot, of, name, dtype, shape }: StateVariable, indices: ReadonlyMap<object, number>): Need {
  return { name, dtype, shape, kind: slot, index: of === null ? -1 : (indices.get(of) ?? -1) };
}

/** The tensor for each need; null when one of them is missing, left over, or of another type. */
function tensorsFor(saved: SavedRun, needs: readonly Need[]): Tensor[] | null {
  if (needs.length !== saved.counters.length + saved.slots.length) return null;
  const slots = new Map(saved.slots.map(({ kind, index, tensor }) => [`${index} ${kind}`, tensor]));
  const counters = saved.counters.values();
  const found: Tensor[] = [];
  for (const { kind, index, name, dtype } of needs) {
    const tensor = kind === null ? counters.next().value : slots.get(`${index} ${kind}`);
    if (tensor === undefined || !isSameType(tensor.dtype, dtype)) return null;
    if (kind === null && tensor.name !== name) return null;
    found.push(tensor);
  }
  return found;
}

/** A count has a wider type when it is large. */
function isSameType(saved: Tensor["dtype"], own: Tensor["dtype"]): boolean {
  return saved === own || (isCount(saved) && isCount(own));
}

const isCount = (dtype: Tensor["dtype"]): boolean => dtype === "int32" || dtype === "int64";

function otherState(saved: SavedRun, needs: readonly Need[]): StateMismatchError {
  const problem = "the checkpoint has another state than this optimizer; nothing was restored. Check its options.";
  const text = ({ kind, index, ...own }: Need): string =>
    kind === null ? textOf(own) : `${kind} of ${saved.variables[index]?.name ?? "another variable"} ${typeText(own)}`;
  const slots = saved.slots.map(({ kind, index, tensor }) => text({ ...tensor, kind, index }));
  return new StateMismatchError(OWNER, problem, needs.map(text), [...saved.counters.map(textOf), ...slots]);
}

function missingVariable<V extends object>(argument: Argument, held: readonly Held<V>[], count: number): RangeError {
  const received = new Verbatim(`[${held.map(({ name }) => name).join(", ")}]`);
  const remedy = "Pass these, and others that are to be saved with them.";
  return argument.badValue(`hold all ${count} variables that the optimizer trains`, received, remedy);
}

type Shaped = Pick<Tensor, "name" | "dtype" | "shape">;

const typeText = ({ dtype, shape }: Pick<Tensor, "dtype" | "shape">): string => `${dtype} [${shape}]`;

const textOf = (shaped: Shaped): string => `${shaped.name} ${typeText(shaped)}`;

const SHOWN = 5;

/** The first few of a list that may be long. */
function listed(texts: readonly string[]): string {
  if (texts.length === 0) return "";
  const more = texts.length > SHOWN ? ` and ${texts.length - SHOWN} more` : "";
  return ` (it has ${texts.slice(0, SHOWN).join(", ")}${more}, for which there is none)`;
}
