// Unpacks raw deflate streams (RFC 1951). Libraries make a table of 32,768 entries for each code, which a stream of nothing but
// codes turns into seconds for each of its megabytes; here a block costs no more than some hundred of its bytes.

/** The longest code, and those that a table finds at once. */
const [LONGEST, FAST] = [15, 9];
const [END_OF_BLOCK, LITERALS, DISTANCES] = [256, 286, 30];
/** The order in which a block gives the lengths of the codes for lengths. */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** What a symbol stands for: the least of its lengths or distances, and how many more bits say which. */
interface Ranges {
  readonly base: Uint16Array;
  readonly extra: Uint8Array;
}

const LENGTH_RANGES = rangesOf(3, 28, (i) => Math.max(0, (i >> 2) - 1));
const DISTANCE_RANGES = rangesOf(1, DISTANCES, (i) => Math.max(0, (i >> 1) - 1));

function rangesOf(first: number, count: number, extraOf: (i: number) => number): Ranges {
  const extra = Uint8Array.from({ length: count }, (_, i) => extraOf(i));
  let next = first;
  const base = Uint16Array.from(extra, (bits) => {
    const start = next;
    next += 2 ** bits;
    return start;
  });
  return { base, extra };
}

/** A Huffman code: how many of its symbols have each length, the symbols by length, and a table of the short ones. */
class Code {
  readonly counts: Uint16Array = new Uint16Array(LONGEST + 1);
  readonly symbols: Uint16Array = new Uint16Array(288);
  /** By the next bits: the symbol, and in the last four bits its length; 0 for none that is short. */
  readonly fast: Uint16Array = new Uint16Array(1 << FAST);
}

class DamagedStream extends Error {}

/**
 * Unpacks a stream into `unpacked`. Returns how many bytes it has; one more than there is room for stands for any number of them,
 * and -1 for a stream that is damaged or cut off.
 */
export function inflateInto(unpacked: Uint8Array, packed: Uint8Array): number {
  try {
    return new Inflater(packed, unpacked).run();
  } catch (error) {
    if (error instanceof DamagedStream) return -1;
    throw error;
  }
}

class Inflater {
  readonly #packed: Uint8Array;
  readonly #unpacked: Uint8Array;
  /** Of `#packed` and `#unpacked`. */
  #from = 0;
  #to = 0;
  /** Bits that were taken from `#packed` and not used, and how many. */
  #bits = 0;
  #bitCount = 0;
  // Used for block after block: a stream may have very many of them.
  readonly #literals = new Code();
  readonly #distances = new Code();
  readonly #lengths = new Uint8Array(LITERALS + DISTANCES);

  constructor(packed: Uint8Array, unpacked: Uint8Array) {
    this.#packed = packed;
    this.#unpacked = unpacked;
  }

  run(): number {
    for (let isLast = false; !isLast; ) {
      isLast = this.#take(1) === 1;
      const kind = this.#take(2);
      if (kind === 0) this.#copyStored();
      else if (kind === 1) this.#unpackBlock(FIXED.literals, FIXED.distances);
      else if (kind === 2) this.#unpackDynamic();
      else throw new DamagedStream();
      if (this.#to > this.#unpacked.length) break;
    }
    return this.#to;
  }

  #fill(count: number): void {
    while (this.#bitCount < count && this.#from < this.#packed.length) {
      this.#bits |= (this.#packed[this.#from++] ?? 0) << this.#bitCount;
      this.#bitCount += 8;
    }
  }

  #drop(count: number): void {
    if (count > this.#bitCount) throw new DamagedStream();
    this.#bits >>>= count;
    this.#bitCount -= count;
  }

  /** At most 16 bits, the first of which is the least. */
  #take(count: number): number {
    this.#fill(count);
    const value = this.#bits & ((1 << count) - 1);
    this.#drop(count);
    return value;
  }

  #symbol({ counts, symbols, fast }: Code): number {
    this.#fill(LONGEST);
    const entry = fast[this.#bits & (fast.length - 1)] ?? 0;
    if (entry !== 0) {
      this.#drop(entry & 15);
      return entry >> 4;
    }
    // Codes of one length are numbers that follow each other, and follow those of the length before.
    let [code, first, index] = [0, 0, 0];
    for (let length = 1; length <= LONGEST; length++) {
      code |= (this.#bits >> (length - 1)) & 1;
      const count = counts[length] ?? 0;
      if (code < first + count) {
        this.#drop(length);
        return symbols[index + code - first] ?? 0;
      }
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new DamagedStream();
  }

  #copyStored(): void {
    // It begins with the next whole byte.
    this.#drop(this.#bitCount & 7);
    const length = this.#take(16);
    if (this.#take(16) !== (length ^ 0xffff)) throw new DamagedStream();
    this.#from -= this.#bitCount >> 3;
    this.#bits = this.#bitCount = 0;
    if (this.#from + length > this.#packed.length) throw new DamagedStream();
    const room = Math.min(length, this.#unpacked.length - this.#to);
    this.#unpacked.set(this.#packed.subarray(this.#from, this.#from + room), this.#to);
    this.#to += room < length ? room + 1 : room;
    this.#from += length;
  }

  #unpackDynamic(): void {
    const [literals, distances, lengths] = [this.#take(5) + 257, this.#take(5) + 1, this.#take(4) + 4];
    if (literals > LITERALS || distances > DISTANCES) throw new DamagedStream();
    const all = this.#lengths;
    all.fill(0, 0, LENGTH_ORDER.length);
    for (let i = 0; i < lengths; i++) all[LENGTH_ORDER[i] ?? 0] = this.#take(3);
    this.#readLengths(setCode(this.#literals, all, 0, LENGTH_ORDER.length, false), literals + distances);
    if (all[END_OF_BLOCK] === 0) throw new DamagedStream();
    const [ofLiterals, ofDistances] = [this.#literals, this.#distances];
    setCode(ofLiterals, all, 0, literals, true);
    setCode(ofDistances, all, literals, literals + distances, true);
    this.#unpackBlock(ofLiterals, ofDistances);
  }

  /** The lengths of all codes of a block, which are written with a code of their own. */
  #readLengths(code: Code, count: number): void {
    const lengths = this.#lengths;
    for (let at = 0; at < count; ) {
      const symbol = this.#symbol(code);
      if (symbol < 16) {
        lengths[at++] = symbol;
        continue;
      }
      if (symbol === 16 && at === 0) throw new DamagedStream();
      const value = symbol === 16 ? (lengths[at - 1] ?? 0) : 0;
      const times = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
      if (at + times > count) throw new DamagedStream();
      lengths.fill(value, at, at + times);
      at += times;
    }
  }

  #unpackBlock(literals: Code, distances: Code): void {
    const unpacked = this.#unpacked;
    while (this.#to <= unpacked.length) {
      const symbol = this.#symbol(literals);
      if (symbol === END_OF_BLOCK) return;
      if (symbol < END_OF_BLOCK) unpacked[this.#to++] = symbol;
      else this.#copyBack(this.#lengthOf(symbol - END_OF_BLOCK - 1), this.#distance(distances));
    }
  }

  #lengthOf(index: number): number {
    // The longest has a symbol of its own.
    if (index === LENGTH_RANGES.base.length) return 258;
    return this.#inRange(LENGTH_RANGES, index);
  }

  #distance(code: Code): number {
    return this.#inRange(DISTANCE_RANGES, this.#symbol(code));
  }

  #inRange({ base, extra }: Ranges, index: number): number {
    const start = base[index];
    if (start === undefined) throw new DamagedStream();
    return start + this.#take(extra[index] ?? 0);
  }

  #copyBack(length: number, distance: number): void {
    if (distance > this.#to) throw new DamagedStream();
    const end = Math.min(this.#to + length, this.#unpacked.length);
    const isLonger = this.#to + length > end;
    // What is copied may be what has just been written.
    for (; this.#to < end; this.#to++) this.#unpacked[this.#to] = this.#unpacked[this.#to - distance] ?? 0;
    if (isLonger) this.#to = this.#unpacked.length + 1;
  }
}

const [offsets, next] = [new Uint16Array(LONGEST + 2), new Uint16Array(LONGEST + 2)];

/**
 * Makes `code` that of symbols by the lengths of theirs from `start` to `end`, 0 for those that it does not have. Throws for lengths
 * of no code; one bit may be left for a single symbol.
 */
function setCode(code: Code, lengths: Uint8Array, start: number, end: number, mayBeSingle: boolean): Code {
  const { counts, symbols, fast } = code;
  counts.fill(0);
  for (let at = start; at < end; at++) counts[lengths[at] ?? 0] = (counts[lengths[at] ?? 0] ?? 0) + 1;
  const used = end - start - (counts[0] ?? 0);
  counts[0] = 0;
  offsets[1] = next[1] = 0;
  let left = 1;
  for (let length = 1; length <= LONGEST; length++) {
    const count = counts[length] ?? 0;
    left = left * 2 - count;
    if (left < 0) throw new DamagedStream();
    offsets[length + 1] = (offsets[length] ?? 0) + count;
    next[length + 1] = ((next[length] ?? 0) + count) << 1;
  }
  const isSingle = mayBeSingle && used === 1 && counts[1] === 1;
  if (left > 0 && used > 0 && !isSingle) throw new DamagedStream();
  fast.fill(0);
  for (let symbol = 0; symbol < end - start; symbol++) {
    const length = lengths[start + symbol] ?? 0;
    if (length === 0) continue;
    const [at, bits] = [offsets[length] ?? 0, next[length] ?? 0];
    symbols[at] = symbol;
    offsets[length] = at + 1;
    next[length] = bits + 1;
    if (length > FAST) continue;
    for (let entry = reversed(bits, length); entry < fast.length; entry += 1 << length)
      fast[entry] = (symbol << 4) | length;
  }
  return code;
}

/** Codes come with their highest bit first. */
function reversed(code: number, length: number): number {
  let result = 0;
  for (let bit = 0; bit < length; bit++) result |= ((code >> bit) & 1) << (length - 1 - bit);
  return result;
}

const codeOf = (lengths: Uint8Array): Code => setCode(new Code(), lengths, 0, lengths.length, false);

const FIXED = {
  literals: codeOf(Uint8Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))),
  distances: codeOf(new Uint8Array(32).fill(5)),
};
