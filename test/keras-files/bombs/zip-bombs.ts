// .keras files of few bytes that ask for much: the zip, and the JSON within it, each deep, wide, repeated, or standing for more.
import { zipSync } from "fflate";
import { compact, Hdf5Maker, numbers } from "./hdf5.js";
import type { Bomb } from "./hdf5-bombs.js";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** The weights of a model of unknown layers: so many arrays within the first. */
function weights(count = 0): Uint8Array {
  const maker = new Hdf5Maker();
  const arrays = Array.from({ length: count }, (_, i) => {
    const array = maker.array({ shape: [], layout: compact(new Uint8Array(4)) });
    return [String(i).padStart(7, "0"), array] as const;
  });
  const own = maker.group([["vars", maker.group(arrays)]]);
  return maker.file(maker.group([["layers", maker.group([["own", own]])]]));
}

const layer = (class_name: string, config: object) => ({ class_name, config });
const model = (layers: readonly object[] = []) => layer("Sequential", { name: "m", layers });
const CONFIG = text(JSON.stringify(model()));
const WEIGHTS = weights();

const zip = (members: Record<string, Uint8Array>, level: 0 | 9 = 0): Uint8Array =>
  zipSync({ "config.json": CONFIG, "model.weights.h5": WEIGHTS, ...members }, { level });
const withConfig = (config: unknown, level: 0 | 9 = 0): Uint8Array =>
  zip({ "config.json": text(typeof config === "string" ? config : JSON.stringify(config)) }, level);
const members = (count: number, bytes: Uint8Array, nameOf = (i: number) => `assets/${i}`) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [nameOf(i), bytes]));
const repeat = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

function nested(levels: number, around: (inner: object) => object, innermost: object = layer("Dense", {})): object {
  let inner = innermost;
  for (let level = 0; level < levels; level++) inner = around(inner);
  return inner;
}

/** A zip whose last directory entries were changed: by their place, and where their own header is. */
function edited(bytes: Uint8Array, change: (view: DataView, entry: number, end: number) => void): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const end = copy.length - 22;
  let entry = view.getUint32(end + 16, true);
  while (entry < end) {
    change(view, entry, end);
    entry += 46 + view.getUint16(entry + 28, true);
  }
  return copy;
}

const compiled = (optimizer: unknown) => ({ ...model(), compile_config: { optimizer } });

export const ZIP_BOMBS: Readonly<Record<string, Bomb>> = {
  "members that are stored": (n) => zip(members(n, new Uint8Array(1))),
  "members that are packed": (n) => zip(members(n, new Uint8Array(9)), 9),
  "packed members of much": (n) => zip(members(120, new Uint8Array(100 * n)), 9),
  "one packed member of much": (n) => zip(members(1, new Uint8Array(20_000 * n)), 9),
  "members in folders in folders": (n) =>
    zip(members(Math.ceil(n / 50), new Uint8Array(1), (i) => `${"a/".repeat(800)}${i}`)),
  "a zip in a zip": (n) => zip({ "assets/a.zip": zip(members(n, new Uint8Array(9)), 9) }, 9),
  "members that reach into the next": (n) =>
    edited(zip(members(n, new Uint8Array(100))), (view, entry) => {
      if (view.getUint32(entry + 24, true) !== 100) return;
      for (const at of [20, 24]) view.setUint32(entry + at, 190, true);
    }),
  "more members than there are": (n) =>
    edited(zip({}), (view, _, end) => [8, 10].map((at) => view.setUint16(end + at, n, true))),
  "many ends": (n) => {
    const end = numbers([0x06054b50, 4], [0, 2], [0, 2], [n, 2], [n, 2], [n, 4], [0, 4], [0, 2]);
    return new Uint8Array(Buffer.concat([zip({}), ...Array<Uint8Array>(n).fill(end)]));
  },
};

export const JSON_BOMBS: Readonly<Record<string, Bomb>> = {
  "lists in lists": (n) => withConfig("[".repeat(n) + "]".repeat(n)),
  "objects in objects": (n) => withConfig(`${'{"a":'.repeat(n)}0${"}".repeat(n)}`),
  "lists in lists, as deep as may be": (n) =>
    withConfig({ ...model(), all: repeat(Math.ceil(n / 60), () => nested(60, (inner) => [inner], [])) }),
  "many numbers": (n) => withConfig({ ...model(), all: Array(n).fill(0) }),
  "many empty objects": (n) => withConfig({ ...model(), all: Array(n).fill({}) }),
  "many keys": (n) => withConfig({ ...model(), ...Object.fromEntries(repeat(n, (i) => [`k${i}`, 0])) }),
  "objects with keys of their own": (n) => withConfig({ ...model(), all: repeat(n, (i) => ({ [`k${i}`]: 0 })) }),
  "keys that are numbers": (n) => withConfig({ ...model(), all: repeat(n, (i) => ({ [1000 - (i % 7)]: 0, 2500: 0 })) }),
  "numbers of many digits": (n) =>
    withConfig(`{"class_name":"Sequential","config":{"layers":[]},"a":${"1".repeat(10 * n)}}`),
  "texts of backslashes": (n) => withConfig({ ...model(), a: "\\".repeat(10 * n) }),
  "a text without end": (n) => withConfig(`{"a":"${"\\".repeat(20 * n)}`),
  "much space": (n) => withConfig(`{"a":${" ".repeat(1000 * n)}0}`, 9),
  "a packed config": (n) => withConfig({ ...model(), all: Array(20 * n).fill(0) }, 9),
  "layers of one class": (n) => withConfig(model(Array<object>(n).fill(layer("Dense", {})))),
  "layers of classes of their own": (n) => withConfig(model(repeat(n, (i) => layer(`Own${i}`, {})))),
  "layers of classes of their own over many arrays": (n) => {
    const config = text(JSON.stringify(model(repeat(n, (i) => layer(`Own${i}`, {})))));
    return zip({ "config.json": config, "model.weights.h5": weights(n) });
  },
  "layers of long names": (n) =>
    withConfig(model(repeat(Math.ceil(n / 50), (i) => layer(`Own${"Aa1".repeat(300)}${i}`, {})))),
  "layers around two layers": (n) =>
    withConfig(model([nested(n % 30, (inner) => layer("Bidirectional", { layer: inner }))])),
  "layers around a layer": (n) =>
    withConfig(
      model(Array<object>(Math.ceil(n / 20)).fill(nested(20, (inner) => layer("TimeDistributed", { layer: inner })))),
    ),
  "models within models": (n) =>
    withConfig(nested(28, (inner) => layer("Functional", { name: "n".repeat(n), layers: [inner, layer("Own", {})] }))),
  "a long name over many arrays": (n) => {
    const config = text(JSON.stringify(model([layer("Own", { name: "n".repeat(20 * n) })])));
    return zip({ "config.json": config, "model.weights.h5": weights(n) });
  },
  "an optimizer within optimizers": (n) =>
    withConfig(
      compiled(
        nested(n % 60, (inner) => layer("LossScaleOptimizer", { inner_optimizer: inner }), layer("RMSprop", {})),
      ),
    ),
  "a schedule of many steps": (n) => {
    const steps = { boundaries: repeat(n, (i) => i + 1), values: repeat(n + 1, () => 0.1) };
    return withConfig(compiled(layer("RMSprop", { learning_rate: layer("PiecewiseConstantDecay", steps) })));
  },
  "an optimizer of many arguments": (n) =>
    withConfig(compiled(layer("RMSprop", Object.fromEntries(repeat(n, (i) => [`k${i}`, i]))))),
};
