// The settings of TypeScript that users have, and what the packages of others make of them. Who runs them is live.ts.
import { ENTRY_POINTS } from "../../entry-points.js";

/** Entry points that need the same packages: their programs are checked together. */
export interface Group {
  readonly entries: readonly string[];
  readonly packages: readonly string[];
  /** Platforms on which only this group is tried. */
  readonly own: readonly string[];
  /** Why those packages have errors without ours; null where there may be none. */
  readonly problem: string | null;
}

/** What users set: a row of the table. */
export interface Setting {
  readonly module: string;
  readonly platform: string;
  readonly optional: string;
}

/** What is tried: each group under each setting by each version. */
export interface Matrix {
  readonly groups: readonly Group[];
  readonly settings: readonly Setting[];
  readonly versions: readonly string[];
}

const VERSIONS = ["5.7", "5.9", "6", "7"];

const MODULES = ["node16", "nodenext", "bundler"];

/** What a program finds around it: libraries and types. */
const PLATFORMS: Readonly<Record<string, { readonly lib: readonly string[]; readonly types: readonly string[] }>> = {
  dom: { lib: ["es2022", "dom"], types: [] },
  "dom+webgpu": { lib: ["es2022", "dom"], types: ["@webgpu/types"] },
  "dom+esnext": { lib: ["esnext", "dom"], types: [] },
  none: { lib: ["es2022"], types: [] },
  node: { lib: ["es2023"], types: ["node"] },
};

/** exactOptionalPropertyTypes or not. */
const OPTIONALS = ["exact", "loose"];

const GROUPS: readonly Group[] = [
  // Files of Keras are read here without the optional packages.
  { entries: ["rmsprop", "rmsprop/node", "rmsprop/keras"], packages: [], own: [], problem: null },
  {
    entries: ["rmsprop/webgpu"],
    packages: ["@webgpu/types"],
    own: ["dom+webgpu"],
    problem: "@webgpu/types contradict the DOM library from TypeScript 6 on, which has the same: leave them out there.",
  },
  {
    entries: ["rmsprop/jax"],
    packages: ["@jax-js/jax"],
    own: ["dom+esnext"],
    problem: "jax-js needs Float16Array of the library esnext, and GPUDevice, which dom has from TypeScript 6 on.",
  },
  {
    entries: ["rmsprop/tfjs", "rmsprop/tfjs/webgpu", "rmsprop/keras/tfjs"],
    packages: ["@tensorflow/tfjs-core", "@tensorflow/tfjs-layers"],
    own: [],
    problem:
      "tfjs-core needs the DOM and a global Long, and brings @webgpu/types, which contradict the DOM library from " +
      "TypeScript 6 on; tfjs-layers has a class and types that do not fit their own interfaces.",
  },
];

/** What these words leave: entry points, modules, platforms, versions. Throws for a word that is none of them. */
export function matrixOf(words: readonly string[]): Matrix {
  const names = ENTRY_POINTS.map(({ name }) => name);
  const lists = [names, MODULES, Object.keys(PLATFORMS), OPTIONALS, VERSIONS];
  const unknown = words.filter((word) => !lists.flat().includes(word));
  if (unknown.length > 0) throw new RangeError(`${unknown.join(", ")}: pass some of ${lists.flat().join(", ")}.`);
  const [entries = [], modules = [], platforms = [], optionals = [], versions = []] = lists.map((list) => {
    const wanted = list.filter((each) => words.includes(each));
    return wanted.length > 0 ? wanted : list;
  });
  const missing = names.filter((name) => !GROUPS.some((group) => group.entries.includes(name)));
  if (missing.length > 0) throw new RangeError(`${missing.join(", ")}: put it into a group of test/types/matrix.ts.`);
  const groups = GROUPS.filter((group) => group.entries.some((entry) => entries.includes(entry)));
  const settings = modules
    .flatMap((module) => platforms.map((platform) => ({ module, platform })))
    .flatMap((setting) => optionals.map((optional) => ({ ...setting, optional })));
  return { groups, settings, versions };
}

/** Whether a group is tried under a setting. */
export function isTried(group: Group, { platform }: Setting): boolean {
  return group.own.includes(platform) || !GROUPS.some(({ own }) => own.includes(platform));
}

/** The compiler's options of a setting, as tsconfig.json has them. */
export function optionsOf({ module, platform, optional }: Setting): object {
  return {
    ...{ strict: true, skipLibCheck: false, noEmit: true, target: "es2022" },
    module: module === "bundler" ? "preserve" : module,
    moduleResolution: module,
    exactOptionalPropertyTypes: optional === "exact",
    ...PLATFORMS[platform],
  };
}
