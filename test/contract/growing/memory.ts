// Memory that grows after each allocation and each call, from when this is loaded. A view that nobody renewed is detached by then.
import * as library from "rmsprop";
// Of the built package when that is tested (vitest.config.ts).
import { Arena } from "../../../src/engine/wasm/memory/arena.js";

const PAGE = 65_536;
const { allocate } = Arena.prototype;
/** Memories that have handed out something. */
export const seen: Set<Arena> = new Set<Arena>();

/** What is asked for is never used: memory has to grow once all that is free was handed out. */
function move(moved: Arena): void {
  const before = moved.buffer;
  while (moved.buffer === before) allocate.call(moved, PAGE);
}

Arena.prototype.allocate = function (this: Arena, byteLength) {
  seen.add(this);
  move(this);
  return allocate.call(this, byteLength);
};

/** Memory as from a platform that has none to spare: what is asked for twice is given. */
function grantNoSpare(): void {
  const { grow } = WebAssembly.Memory.prototype;
  let refused: ArrayBufferLike | null = null;
  WebAssembly.Memory.prototype.grow = function (pages) {
    if (refused !== this.buffer) {
      refused = this.buffer;
      throw new RangeError("no memory to spare");
    }
    return grow.call(this, pages);
  };
}

/** Makes memory grow after each call of a method. */
function moveAfterCalls({ prototype }: { readonly prototype: object }): void {
  for (let each = prototype; each !== null && each !== Object.prototype; each = Object.getPrototypeOf(each)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(each))) {
      if (name === "constructor" || typeof value !== "function" || wrapped.has(value)) continue;
      const wrapper = function (this: unknown, ...parameters: unknown[]): unknown {
        depth++;
        try {
          return Reflect.apply(value, this, parameters);
        } finally {
          depth--;
          if (depth === 0) for (const moved of seen) move(moved);
        }
      };
      wrapped.add(wrapper);
      Object.defineProperty(each, name, { value: wrapper });
    }
  }
}
const wrapped = new WeakSet<object>();
/** Calls that are under way: those which the package makes of its own methods are not calls of the user's. */
let depth = 0;

grantNoSpare();
for (const Class of [library.Variable, library.Optimizer, library.RMSprop, library.LossScaleOptimizer])
  moveAfterCalls(Class);
