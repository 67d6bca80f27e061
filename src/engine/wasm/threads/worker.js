// @ts-check
// A worker of pool.ts: sleeps until a table is announced, takes rows of it as long as there are any, sleeps again.
// Plain JavaScript without imports, so that a browser, a bundler and Node can all start it as it is.

/** @typedef {import("./control.js").Start} Start */
/** @typedef {(table: number, tableEnd: number, scalars: number) => void} Run */

const node = /** @type {any} */ (globalThis).process?.getBuiltinModule?.("node:worker_threads");

/** Looks again so often before it sleeps: a step is often followed by the next. */
const SPINS = 2000;

/** The smallest module there is. */
const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** @param {Start} start @param {(message: string) => void} say */
function work({ memory, control, index, at }, say) {
  // Addresses: above 2 GiB they would be negative numbers of 32 bits.
  const words = new Uint32Array(memory.buffer, control, at.LENGTH);
  const signals = new Int32Array(memory.buffer, control, at.LENGTH);
  const active = at.ACTIVE + index * at.ACTIVE_STRIDE;
  /** @type {Map<number, Run>} */
  const kernels = new Map();

  /** Whether what the other words say is still about that table. @param {number} tag */
  const isAbout = (tag) => Atomics.load(words, at.TICKET) >>> 16 === tag;

  /** The kernel of that table; null when it has passed meanwhile. @param {number} tag */
  const kernel = (tag) => {
    const id = Atomics.load(words, at.KERNEL);
    const known = kernels.get(id);
    if (known) return known;
    const [start, length] = [Atomics.load(words, at.BYTES), Atomics.load(words, at.BYTE_LENGTH)];
    if (!isAbout(tag)) return null;
    memory.grow(0); // makes "buffer" the memory as it is now
    const bytes = new Uint8Array(memory.buffer, start, length).slice();
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    const run = /** @type {Run} */ (exports.run);
    kernels.set(id, run);
    return run;
  };

  /** Counts a ticket of that table as done; one that was given up is not waited for any more. @param {number} tag */
  const complete = (tag) => {
    for (;;) {
      const count = Atomics.load(words, at.COMPLETED);
      if (count >>> 16 !== tag || Atomics.compareExchange(words, at.COMPLETED, count, count + 1) === count) return;
    }
  };

  /** @param {number} tag */
  const takeRows = (tag) => {
    for (;;) {
      const ticket = Atomics.load(words, at.TICKET);
      const next = ticket & 0xffff;
      // A ticket of another table, or none left.
      if (ticket >>> 16 !== tag || next >= Atomics.load(words, at.TICKETS)) return;
      // Before the ticket is taken: a kernel that cannot be had leaves its rows to others.
      const run = kernel(tag);
      if (run === null) return;
      if (Atomics.compareExchange(words, at.TICKET, ticket, ticket + 1) !== ticket) continue;
      // From here on the words stay as they are until the ticket counts as done.
      const first = next * words[at.ROWS_PER_TICKET];
      const last = Math.min(first + words[at.ROWS_PER_TICKET], words[at.ROWS]);
      run(words[at.TABLE] + first * words[at.STRIDE], words[at.TABLE] + last * words[at.STRIDE], words[at.SCALARS]);
      complete(tag);
    }
  };

  new WebAssembly.Module(EMPTY); // A policy that refuses it must not be met in a step.
  let epoch = Atomics.load(words, at.EPOCH);
  say("ready");
  while (Atomics.load(words, at.STOP) === 0) {
    for (let i = 0; i < SPINS && Atomics.load(words, at.EPOCH) === epoch; i++);
    Atomics.wait(signals, at.EPOCH, epoch | 0);
    Atomics.store(words, active, 1);
    epoch = Atomics.load(words, at.EPOCH);
    takeRows(epoch & 0xffff);
    Atomics.store(words, active, 0);
  }
}

if (node) {
  node.parentPort.once("message", (/** @type {Start} */ start) =>
    work(start, (message) => node.parentPort.postMessage(message)),
  );
} else {
  globalThis.onmessage = ({ data }) =>
    globalThis.navigator.locks.request(data.lock, () => work(data, (message) => globalThis.postMessage(message)));
}
