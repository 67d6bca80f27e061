// Objects that are not what they seem, put into plain arguments: getters that give another value each time, or act; lists of
// classes that lie; proxies; things with the fields of our own.
import { Variable } from "rmsprop";
import { LIES, thereOf } from "../forms.js";
import { numbersOf } from "../states.js";

/** A value in the tree of the arguments: `owner[key]`; the arguments themselves stand in a list. */
export interface Place {
  readonly owner: Record<PropertyKey, unknown>;
  readonly key: PropertyKey;
  readonly depth: number;
}

export function placesIn(args: unknown[]): Place[] {
  const places: Place[] = [];
  const walk = (owner: object, depth: number): void => {
    for (const key of Object.keys(owner)) {
      const at = { owner: owner as Record<PropertyKey, unknown>, key, depth };
      places.push(at);
      const value = at.owner[key];
      const isTree = Array.isArray(value) || (isObject(value) && Object.getPrototypeOf(value) === Object.prototype);
      if (isTree) walk(value as object, depth + 1);
    }
  };
  walk(args, 0);
  return places;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const isNumbers = (value: unknown): value is Float32Array => ArrayBuffer.isView(value);

/** What was done to a place: the scene's arguments are changed, and these say which plain arguments may have been seen. */
export interface Trick {
  /** For each way to read it, a change of plain arguments; none where it can only be refused. */
  readonly readings: readonly ((place: Place) => void)[];
  /** Makes the arguments hostile; `act` is to be called whenever user code is asked. */
  readonly apply: (place: Place, act: () => void) => void;
}

const same = (): void => undefined;
const set =
  (change: (value: unknown) => unknown) =>
  (place: Place): void => {
    place.owner[place.key] = change(place.owner[place.key]);
  };

/** Another value of the same kind. */
function another(value: unknown): unknown {
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (typeof value === "string") return `${value}x`;
  if (isNumbers(value)) return value.map((number) => number + 1);
  if (Array.isArray(value)) return value.slice(0, -1);
  return null;
}

/** A getter that gives these values in turn, the last one for good. */
function getter({ owner, key }: Place, values: readonly unknown[], act: () => void): void {
  let reads = 0;
  const get = (): unknown => {
    act();
    return values[Math.min(reads++, values.length - 1)];
  };
  Object.defineProperty(owner, key, { get, enumerable: true, configurable: true });
}

const LYING_METHODS = [
  "map",
  "every",
  "some",
  "slice",
  "includes",
  "indexOf",
  "entries",
  "forEach",
  "flatMap",
  "filter",
];

function lyingList(items: readonly unknown[]): unknown[] {
  const forbidden = (): never => {
    throw new Error("asked a method of the list");
  };
  const lies = Object.fromEntries([...LYING_METHODS, Symbol.iterator].map((name) => [name, { value: forbidden }]));
  const prototype = Object.create(Array.prototype, { ...lies, constructor: { get: forbidden } });
  return Object.setPrototypeOf([...items], prototype);
}

/** By what they are called, with the values that they are for. */
export const TRICKS: Readonly<Record<string, Trick & { readonly fits: (value: unknown, depth: number) => boolean }>> = {
  "a getter that acts": {
    fits: (_, depth) => depth > 0,
    readings: [same],
    apply: (place, act) => getter(place, [place.owner[place.key]], act),
  },
  "a getter that gives another value the second time": {
    fits: (_, depth) => depth > 0,
    readings: [same, set(another)],
    apply: (place, act) => {
      const value = place.owner[place.key];
      getter(place, [value, another(value), value, another(value)], act);
    },
  },
  "a getter that gives another value from the third time on": {
    fits: (_, depth) => depth > 0,
    readings: [same, set(another)],
    apply: (place, act) => {
      const value = place.owner[place.key];
      getter(place, [value, value, another(value)], act);
    },
  },
  "a getter that gives something else the second time": {
    fits: (_, depth) => depth > 0,
    readings: [same, set(() => "something else")],
    apply: (place, act) => getter(place, [place.owner[place.key], "something else"], act),
  },
  "a getter that throws": {
    fits: (_, depth) => depth > 0,
    readings: [same], // if nobody asks for it
    apply: ({ owner, key }, act) => {
      const get = (): never => {
        act();
        throw new Error("thrown by a getter");
      };
      Object.defineProperty(owner, key, { get, enumerable: true, configurable: true });
    },
  },
  "a list of a class that lies": {
    fits: Array.isArray,
    readings: [same],
    apply: set((value) => lyingList(value as unknown[])),
  },
  "a proxy of a list or an object": {
    fits: (value) => Array.isArray(value) || (isObject(value) && Object.getPrototypeOf(value) === Object.prototype),
    readings: [same],
    apply: ({ owner, key }, act) => {
      const get = (target: object, name: PropertyKey, receiver: unknown): unknown => {
        act();
        return Reflect.get(target, name, receiver);
      };
      owner[key] = new Proxy(owner[key] as object, { get });
    },
  },
  "a list that gets shorter": {
    fits: (value) => Array.isArray(value) && value.length > 0,
    readings: [same, set((value) => (value as unknown[]).slice(0, -1))],
    apply: ({ owner, key }) => {
      let reads = 0;
      const get = (target: unknown[], name: PropertyKey): unknown =>
        name === "length" && reads++ > 0 ? target.length - 1 : Reflect.get(target, name);
      owner[key] = new Proxy(owner[key] as unknown[], { get });
    },
  },
  "an array of another realm": {
    fits: isNumbers,
    readings: [same],
    apply: set((value) => {
      const array = value as Float32Array;
      const Foreign = thereOf<Float32ArrayConstructor>(array.constructor.name);
      return new Foreign(array.buffer, array.byteOffset, array.length);
    }),
  },
  "an array of a class that lies": {
    fits: isNumbers,
    readings: [same],
    apply: set((value) => Object.setPrototypeOf(value, Object.create(Object.getPrototypeOf(value), LIES))),
  },
  "an array with properties that lie": {
    fits: isNumbers,
    readings: [same],
    apply: set((value) => Object.defineProperties(value as object, LIES)),
  },
  "a proxy of an array or a Variable": {
    fits: (value) => isNumbers(value) || value instanceof Variable,
    readings: [],
    apply: set((value) => new Proxy(value as object, {})),
  },
  "an object with the fields of our own": {
    fits: (value) => isNumbers(value) || value instanceof Variable,
    readings: [],
    apply: set((value) => ({
      ...{ view: numbersOf(1, sizeOf(value)), free: () => undefined, dtype: "float32", length: sizeOf(value) },
      ...{ memory: {}, address: 0, borrowed: false, storage: { view: numbersOf(1, sizeOf(value)) } },
    })),
  },
  "an object made of a prototype": {
    fits: (value) => isNumbers(value) || value instanceof Variable,
    readings: [],
    apply: set((value) => Object.create(Object.getPrototypeOf(value))),
  },
  "a Variable that says it is larger": {
    fits: (value) => value instanceof Variable,
    readings: [same], // where its shape is not asked for
    apply: set((value) => Object.defineProperties(value as Variable, LARGER)),
  },
  "an object that becomes a number": {
    fits: (value) => typeof value === "number",
    readings: [],
    apply: set((value) => ({ valueOf: () => value, [Symbol.toPrimitive]: () => value })),
  },
};

const LARGER: PropertyDescriptorMap = {
  shape: { value: [100], configurable: true },
  size: { value: 100, configurable: true },
  dtype: { value: "float64", configurable: true },
};

function sizeOf(value: unknown): number {
  return value instanceof Variable ? value.size : (value as Float32Array).length;
}
