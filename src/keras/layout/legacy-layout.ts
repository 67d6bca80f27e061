// Where the weights of a legacy file lie: each layer lists its trained ones, then the others, those of all layers in it too. They
// are told apart by the names of those layers as far as the file has them, since what was trained then may be frozen now.
import type { Hdf5File } from "../hdf5/read.js";
import { layerNames, weightPaths } from "../layout/legacy-attributes.js";
import { type Layer, type Place, placesOf } from "./config-layers.js";
import type { Layout } from "./layout.js";

/** The layout of the file by its own lists, and by the layers of its config if there is one. */
export function legacyLayout(file: Hdf5File, root: string, layers: readonly Layer[] | null): Layout {
  const byTop = new Map<string, Layer[]>();
  for (const layer of layers ?? []) {
    const list = byTop.get(layer.top);
    if (list === undefined) byTop.set(layer.top, [layer]);
    else list.push(layer);
  }
  const layouts = layerNames(file, root).map((name) => {
    const prefix = (root === "" ? 0 : root.length + 1) + name.length + 1;
    const stored = weightPaths(file, root, name).map((path) => ({ path, own: path.slice(prefix) }));
    return layoutOfTop(stored, name, byTop.get(name) ?? []);
  });
  const firstOf = (key: "orderProblem" | "flagsProblem"): string | null =>
    layouts.find((layout) => layout[key] !== null)?.[key] ?? null;
  return {
    places: layouts.flatMap(({ places }) => places),
    orderProblem: firstOf("orderProblem"),
    flagsProblem: layers === null ? null : firstOf("flagsProblem"),
  };
}

/** A weight as a layer lists it. */
interface Stored {
  readonly path: string;
  readonly own: string;
}

/** A layer of the model itself, with all that is in it. */
function layoutOfTop(stored: readonly Stored[], top: string, layers: readonly Layer[]): Layout {
  const known = new Map(
    layers.flatMap((layer) => placesOf([layer]).map((place, i) => [place, ownerOf(layer, i)] as const)),
  );
  const paths = known.size === stored.length ? matched(stored, known) : null;
  if (paths !== null) {
    const places = [...known.keys()].map((place) => ({ ...place, twin: null, path: paths.get(place) ?? place.path }));
    return { places, orderProblem: null, flagsProblem: null };
  }
  const trainable = layers.length === 0 || layers.some((layer) => layer.trainable);
  const places = stored.map((weight) => ({
    ...{ path: weight.path, name: nameOf(weight, top), constraint: null, twin: null },
    trainable: trainable && !STATISTICS.has(lastOf(weight)),
  }));
  const flagsProblem = stored.length === 0 ? null : `Which variables of ${top} are trained is not in the file.`;
  return { places, orderProblem: null, flagsProblem };
}

/** The name of the layer that a weight belongs to, and its own. */
const ownerOf = ({ name, weights }: Layer, i: number): Owner => ({ layer: name, last: weights?.[i]?.name ?? "" });

interface Owner {
  readonly layer: string;
  readonly last: string;
}

/** The path for each place: by the name of a layer where the file has it, else in the order of the lists. Null if one has none. */
function matched(stored: readonly Stored[], known: ReadonlyMap<Place, Owner>): Map<Place, string> | null {
  const places = [...known.keys()];
  const listed = [...places.filter(({ trainable }) => trainable), ...places.filter(({ trainable }) => !trainable)];
  const byKey = new Map<string, Place[]>();
  for (const place of listed) {
    const { layer, last } = known.get(place) ?? { layer: "", last: "" };
    for (const key of [`${layer}/${last}`, last]) {
      const list = byKey.get(key);
      if (list === undefined) byKey.set(key, [place]);
      else list.push(place);
    }
  }
  const left = new Map([...byKey].map(([key, list]) => [key, list.values()]));
  const layers = new Set([...known.values()].map(({ layer }) => layer));
  const paths = new Map<Place, string>();
  for (const weight of stored) {
    const segments = plain(weight.own).split("/");
    const last = segments.pop() ?? "";
    const layer = segments.reverse().find((segment) => layers.has(segment));
    const candidates = left.get(layer === undefined ? last : `${layer}/${last}`);
    let place = candidates?.next().value;
    while (place !== undefined && paths.has(place)) place = candidates?.next().value;
    if (place === undefined) return null;
    paths.set(place, weight.path);
  }
  return paths;
}

/** What no layer of Keras trains. */
const STATISTICS = new Set(["moving_mean", "moving_variance", "mean", "variance", "count"]);

/** `"dense/kernel:0"` is the kernel of dense. */
const lastOf = ({ own }: Stored): string => plain(own).split("/").at(-1) ?? "";

const plain = (name: string): string => name.replace(/:\d+$/, "");

function nameOf({ own }: Stored, layer: string): string {
  const name = plain(own).replaceAll("/", "_");
  return name.startsWith(layer) ? name : `${layer}_${name}`;
}
