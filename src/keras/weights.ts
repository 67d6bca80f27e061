// The weights of a file as Variables: what lies at their places, trained and constrained as the config says.
import { Argument } from "../check/argument.js";
import { reasonOf } from "../check/built-ins.js";
import { constraintFrom, type SavedConstraint } from "../core/saved-constraint.js";
import type { CustomObjects } from "../core/serialization.js";
import { Variable, type VariableOptions } from "../plain/variable.js";
import { type FileDType, isFloat } from "./dtypes.js";
import { READ_KERAS } from "./errors.js";
import type { Hdf5File } from "./hdf5/read.js";
import type { Place } from "./layout/config-layers.js";
import type { Layout, Note } from "./layout/layout.js";
import type { PlacedWeight } from "./write.js";

/** A Variable for each place that has numbers with a fraction. */
export function* variablesOf(
  { arrays }: Hdf5File,
  { places }: Layout,
  customObjects: CustomObjects,
  note: Note,
): Generator<PlacedWeight, void> {
  for (const { path, twin, name, trainable, constraint: saved } of places) {
    const array = arrays.get(path);
    if (array === undefined || !isFloat(array.dtype)) continue;
    noteShort(array.dtype, note);
    const { shape } = array;
    const constraint = constraintOf(saved, name, customObjects, note);
    const options = { shape, dtype: array.dtype === "float64" ? "float64" : "float32", trainable, constraint } as const;
    yield { path, twin, variable: new Variable(array.values(), { ...options, name: variableName({ name }) }) };
  }
}

/** Variables have no slashes in their names. */
const variableName = ({ name }: Pick<Place, "name">): string => name.replaceAll("/", "_");

function noteShort(dtype: FileDType, note: Note): void {
  if (!dtype.endsWith("float16")) return;
  note(`Weights of the type ${dtype} are held as float32, which is exact; toBytes() rounds them to ${dtype} again.`);
}

function constraintOf(
  saved: unknown,
  name: string,
  customObjects: CustomObjects,
  note: Note,
): VariableOptions["constraint"] {
  if (saved === null || saved === undefined) return null;
  try {
    // Its fields are checked by those who make a constraint of them.
    return constraintFrom(new Argument(READ_KERAS, "constraint"), saved as SavedConstraint, customObjects);
  } catch (error) {
    note(`The constraint of ${name} was left out: ${reasonOf(error).replace(`${READ_KERAS}: `, "")}`);
    return null;
  }
}

/** The layout with the trainable weights that the caller lists, by path or name, in that order before all others. */
export function orderedBy(layout: Layout, order: readonly string[] | undefined): Layout {
  if (order === undefined) return layout;
  const argument = new Argument(READ_KERAS, "options.order");
  const listed = argument.items(order, "Pass the paths of the trainable weights in the order of Keras.");
  const places = new Map<string, Place | null>();
  // A name that two have is none.
  for (const place of layout.places) places.set(variableName(place), places.has(variableName(place)) ? null : place);
  for (const place of layout.places) places.set(place.path, place);
  const remedy = `The file has ${layout.places.map(({ path }) => path).join(", ")}.`;
  const found = listed.map((key, i): Place => {
    const place = places.get(argument.at(i).string(key));
    if (place) return { ...place, trainable: true };
    throw argument.at(i).badValue("be the path of a weight, or a name that no other has", key, remedy);
  });
  const taken = new Set(found.map(({ path }) => path));
  if (taken.size < found.length) throw argument.badValue("list each weight once", order, "Leave out the second one.");
  const others = layout.places.flatMap((place) => (taken.has(place.path) ? [] : [{ ...place, trainable: false }]));
  return { places: [...found, ...others], orderProblem: null, flagsProblem: null };
}
