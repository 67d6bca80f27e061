// @ts-check
// A worker of pool.ts: sleeps until a table is announced, takes rows of it as long as there are any, sleeps again.
// Plain JavaScript without imports, so that a browser, a bundler and Node can all start it as it is.

/** @typedef {import("./control.js").Start} Start */

const node = /** @type {any} */ (globalThis).process?.getBuiltinModule?.("node:worker_threads");

/** Looks again so often before it sleeps: a step is often followed by the next. */
const SPINS = 2000;

/** @param {Start} start @param {(message: string) => void} say */
function work({ memory, control, index, at }, say) {
  const words = new Int32Array(memory.buffer, control, at.LENGTH);
  const active = at.ACTIVE + index * at.ACTIVE_STRIDE;
  /** @type {Map<number, (table: number, tableEnd: number, scalars: number) => void>} */
  const kernels = new Map();

  const kernel = () => {
    const id = words[at.KERNEL];
    const known = kernels.get(id);
    if (known) return known;
    memory.grow(0); // makes `buffer` the memory as it is now
    const bytes = new Uint8Array(memory.buffer, words[at.BYTES], words[at.BYTE_LENGTH]).slice();
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    const run = /** @type {(table: number, tableEnd: number, scalars: number) => void} */ (exports.run);
    kernels.set(id, run);
    return run;
  };

  /** @param {number} epoch */
  const takeRows = (epoch) => {
    for (;;) {
      const ticket = Atomics.load(words, at.TICKET);
      const next = ticket & 0xffff;
      // A ticket of another table, or none left.
      if (ticket >>> 16 !== (epoch & 0xffff) || next >= words[at.TICKETS]) return;
      const run = kernel();
      if (Atomics.compareExchange(words, at.TICKET, ticket, ticket + 1) !== ticket) continue;
      const first = next * words[at.ROWS_PER_TICKET];
      const last = Math.min(first + words[at.ROWS_PER_TICKET], words[at.ROWS]);
      run(words[at.TABLE] + first * words[at.STRIDE], words[at.TABLE] + last * words[at.STRIDE], words[at.SCALARS]);
      Atomics.add(words, at.COMPLETED, 1);
    }
  };

  let epoch = Atomics.load(words, at.EPOCH);
  say("ready");
  while (Atomics.load(words, at.STOP) === 0) {
    for (let i = 0; i < SPINS && Atomics.load(words, at.EPOCH) === epoch; i++);
    Atomics.wait(words, at.EPOCH, epoch);
    Atomics.store(words, active, 1);
    epoch = Atomics.load(words, at.EPOCH);
    takeRows(epoch);
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
