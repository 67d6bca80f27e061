// The text of worker.js, made of it by `npm run build`.

export const WORKER_TEXT: string = `
const node = (globalThis).process?.getBuiltinModule?.("node:worker_threads");
const SPINS = 2000;
const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
function work({ memory, control, index, at }, say) {
const words = new Uint32Array(memory.buffer, control, at.LENGTH);
const signals = new Int32Array(memory.buffer, control, at.LENGTH);
const active = at.ACTIVE + index * at.ACTIVE_STRIDE;
const kernels = new Map();
const isAbout = (tag) => Atomics.load(words, at.TICKET) >>> 16 === tag;
const kernel = (tag) => {
const id = Atomics.load(words, at.KERNEL);
const known = kernels.get(id);
if (known) return known;
const [start, length] = [Atomics.load(words, at.BYTES), Atomics.load(words, at.BYTE_LENGTH)];
if (!isAbout(tag)) return null;
memory.grow(0);
const bytes = new Uint8Array(memory.buffer, start, length).slice();
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
const run = (exports.run);
kernels.set(id, run);
return run;
};
const complete = (tag) => {
for (;;) {
const count = Atomics.load(words, at.COMPLETED);
if (count >>> 16 !== tag || Atomics.compareExchange(words, at.COMPLETED, count, count + 1) === count) return;
}
};
const takeRows = (tag) => {
for (;;) {
const ticket = Atomics.load(words, at.TICKET);
const next = ticket & 0xffff;
if (ticket >>> 16 !== tag || next >= Atomics.load(words, at.TICKETS)) return;
const run = kernel(tag);
if (run === null) return;
if (Atomics.compareExchange(words, at.TICKET, ticket, ticket + 1) !== ticket) continue;
const first = next * words[at.ROWS_PER_TICKET];
const last = Math.min(first + words[at.ROWS_PER_TICKET], words[at.ROWS]);
run(words[at.TABLE] + first * words[at.STRIDE], words[at.TABLE] + last * words[at.STRIDE], words[at.SCALARS]);
complete(tag);
}
};
new WebAssembly.Module(EMPTY);
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
node.parentPort.once("message", (start) =>
work(start, (message) => node.parentPort.postMessage(message)),
);
} else {
globalThis.onmessage = ({ data }) =>
globalThis.navigator.locks.request(data.lock, () => work(data, (message) => globalThis.postMessage(message)));
}
`;
