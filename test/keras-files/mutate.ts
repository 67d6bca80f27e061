// Damaged files, the same ones in every run: bits turned, bytes replaced, ends cut off, parts of other files put in.

/** Whole numbers below 2^32, always the same for a seed. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Random = ReturnType<typeof randomOf>;
type Mutation = (bytes: Uint8Array, other: Uint8Array, random: Random) => Uint8Array;

// Numbers at which sizes and addresses go wrong.
const EDGES = [0, 1, 0x7f, 0x80, 0xff];

const MUTATIONS: readonly Mutation[] = [
  (bytes, _, random) => changed(bytes, 1 + random(4), random, (byte) => byte ^ (1 << random(8))),
  (bytes, _, random) => changed(bytes, 1 + random(8), random, () => random(256)),
  (bytes, _, random) => changed(bytes, 1 + random(4), random, () => EDGES[random(EDGES.length)] ?? 0),
  (bytes, _, random) => bytes.slice(0, random(bytes.length)),
  (bytes, other, random) => {
    const copy = bytes.slice();
    const length = 1 + random(64);
    const from = random(other.length - length);
    copy.set(other.subarray(from, from + length), random(copy.length - length));
    return copy;
  },
  (bytes, _, random) => {
    const copy = bytes.slice();
    const at = random(copy.length - 8);
    // Where structures point to: every eighth byte.
    new DataView(copy.buffer).setBigUint64(
      at - (at % 8),
      BigInt(random(2)) * 0xffffffffffffffffn + BigInt(random(copy.length)),
      true,
    );
    return copy;
  },
];

export function mutate(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const mutation = MUTATIONS[random(MUTATIONS.length)];
  return mutation === undefined ? bytes : mutation(bytes, other, random);
}

function changed(bytes: Uint8Array, count: number, random: Random, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice();
  // Half of them in the first kilobytes, where structures are dense.
  const reach = random(2) === 0 ? copy.length : Math.min(copy.length, 4096);
  for (let i = 0; i < count; i++) {
    const at = random(reach);
    copy[at] = change(copy[at] ?? 0);
  }
  return copy;
}
