// The workers of one memory: hands a table out row by row, takes part itself, and waits for the last row.
import { CONTROL, MAX_TICKETS, MAX_WORKERS } from "./control.js";
import type { Kernel } from "./kernels.js";
import type { LinearMemory } from "./memory.js";
import { type Spawned, spawn } from "./spawn.js";
import type { Table } from "./table.js";

/** Thrown by the step after a worker was lost, or by the one that lost it. Later steps go on with the threads left. */
export class WorkerLostError extends Error {
  override readonly name = "WorkerLostError";
  /** The threads that go on, this one included. */
  readonly threadsLeft: number;
  /** Whether the worker was lost in the middle of a step: then variables and slots may be half updated. */
  readonly inDoubt: boolean;

  constructor(threadsLeft: number, inDoubt: boolean) {
    const state = inDoubt
      ? "The variables and slots of this step are in doubt: go back to the last saved state."
      : "It was idle: no state is in doubt, and this step has not begun. Call it again.";
    super(`rmsprop: a worker thread was lost. ${state} Later steps run on ${threadsLeft} threads.`);
    this.threadsLeft = threadsLeft;
    this.inDoubt = inDoubt;
  }
}

/** Elements that a ticket should be worth: ten microseconds of work at least; long runs, since memory likes them. */
const TICKET_ELEMENTS = { least: 16_384, most: 262_144 } as const;
/** Tickets for each thread, so that one which the system holds up costs little. */
const TICKETS_PER_THREAD = 16;
/** A row takes microseconds; a thread that does not finish one within this time is gone. */
const LOST_AFTER_MS = 2000;
const LOOKS_BETWEEN_CLOCKS = 4096;

/** The workers of a memory, none at first; `scalars` is the address from which kernels read their scalars. */
export function createPool(memory: LinearMemory, scalars: number): Pool {
  return new Pool(memory, scalars);
}

interface Member {
  readonly index: number;
  readonly spawned: Spawned;
}

export class Pool {
  readonly #memory: LinearMemory;
  readonly #control: number;
  readonly #scalars: number;
  readonly #words: Int32Array;
  readonly #bytesOf = new Map<number, number>();
  #members: Member[] = [];
  #lost = 0;

  constructor(memory: LinearMemory, scalars: number) {
    this.#memory = memory;
    this.#scalars = scalars;
    this.#control = memory.allocate(CONTROL.LENGTH * 4);
    this.#words = new Int32Array(memory.buffer as ArrayBuffer, this.#control, CONTROL.LENGTH);
  }

  /** Workers that answer. */
  get size(): number {
    return this.#members.length;
  }

  /** Starts workers until there are `count`, or stops all of them and starts anew. Returns how many answer. */
  async resize(count: number): Promise<number> {
    await this.stop();
    Atomics.store(this.#words, CONTROL.STOP, 0);
    const started = Array.from({ length: Math.min(count, MAX_WORKERS) }, (_, index) => this.#start(index));
    const members = await Promise.all(started);
    this.#members = members.filter((member) => member !== null);
    return this.#members.length;
  }

  async stop(): Promise<void> {
    const members = this.#members;
    this.#members = [];
    this.#lost = 0;
    Atomics.store(this.#words, CONTROL.STOP, 1);
    this.#announce();
    await Promise.all(members.map(({ spawned }) => spawned.terminate()));
  }

  /** Throws if a worker was lost since the last step. */
  check(): void {
    if (this.#lost === 0) return;
    this.#lost = 0;
    throw new WorkerLostError(1 + this.#members.length, false);
  }

  /** Computes all rows of a table, together with the workers. */
  run(kernel: Kernel, table: Table): void {
    const words = this.#words;
    const bytes = this.#addressOfBytes(kernel);
    const rowsPerTicket = this.#rowsPerTicket(table);
    const tickets = Math.ceil(table.rows / rowsPerTicket);
    const epoch = (words[CONTROL.EPOCH] ?? 0) + 1;
    // No ticket of this epoch can be taken before all words are written.
    Atomics.store(words, CONTROL.TICKET, (epoch << 16) | MAX_TICKETS);
    words[CONTROL.TICKETS] = tickets;
    words[CONTROL.KERNEL] = kernel.id;
    words[CONTROL.BYTES] = bytes;
    words[CONTROL.BYTE_LENGTH] = kernel.bytes.length;
    words[CONTROL.TABLE] = table.start;
    words[CONTROL.STRIDE] = table.stride;
    words[CONTROL.ROWS] = table.rows;
    words[CONTROL.ROWS_PER_TICKET] = rowsPerTicket;
    words[CONTROL.SCALARS] = this.#scalars;
    Atomics.store(words, CONTROL.COMPLETED, 0);
    Atomics.store(words, CONTROL.TICKET, epoch << 16);
    this.#announce();
    this.#takeRows(kernel, table, rowsPerTicket, tickets);
    this.#wait(tickets);
  }

  #rowsPerTicket({ elements, rows }: Table): number {
    const share = elements / (TICKETS_PER_THREAD * (1 + this.size));
    const perTicket = Math.min(TICKET_ELEMENTS.most, Math.max(TICKET_ELEMENTS.least, share));
    const perRow = Math.max(1, elements / rows);
    return Math.max(1, Math.round(perTicket / perRow), Math.ceil(rows / (MAX_TICKETS - 1)));
  }

  #announce(): void {
    Atomics.add(this.#words, CONTROL.EPOCH, 1);
    Atomics.notify(this.#words, CONTROL.EPOCH);
  }

  #takeRows(kernel: Kernel, table: Table, rowsPerTicket: number, tickets: number): void {
    for (;;) {
      const next = Atomics.add(this.#words, CONTROL.TICKET, 1) & 0xffff;
      if (next >= tickets) return;
      const first = next * rowsPerTicket;
      const last = Math.min(first + rowsPerTicket, table.rows);
      kernel.run(table.start + first * table.stride, table.start + last * table.stride, this.#scalars);
      Atomics.add(this.#words, CONTROL.COMPLETED, 1);
    }
  }

  /** Until all rows are done and no worker touches the control block. A page's main thread must not sleep: it looks. */
  #wait(tickets: number): void {
    let completed = -1;
    let since = 0;
    for (let looks = 0; !this.#isDone(tickets); looks++) {
      if (looks % LOOKS_BETWEEN_CLOCKS !== 0) continue;
      const now = Atomics.load(this.#words, CONTROL.COMPLETED);
      const time = performance.now();
      if (now !== completed) [completed, since] = [now, time];
      if (time - since > LOST_AFTER_MS) this.#giveUp(tickets);
    }
  }

  #isDone(tickets: number): boolean {
    if (Atomics.load(this.#words, CONTROL.COMPLETED) < tickets) return false;
    for (let i = 0; i < this.#members.length; i++) if (this.#isActive(this.#members[i] as Member)) return false;
    return true;
  }

  #isActive({ index }: Member): boolean {
    return Atomics.load(this.#words, CONTROL.ACTIVE + index * CONTROL.ACTIVE_STRIDE) === 1;
  }

  #giveUp(tickets: number): never {
    const inDoubt = Atomics.load(this.#words, CONTROL.COMPLETED) < tickets;
    const gone = this.#members.filter((member) => this.#isActive(member));
    for (const member of gone) this.#remove(member);
    for (const { spawned } of gone) void spawned.terminate();
    this.#lost = 0;
    throw new WorkerLostError(1 + this.#members.length, inDoubt);
  }

  #remove({ index }: Member): void {
    Atomics.store(this.#words, CONTROL.ACTIVE + index * CONTROL.ACTIVE_STRIDE, 0);
    this.#members = this.#members.filter((member) => member.index !== index);
  }

  async #start(index: number): Promise<Member | null> {
    Atomics.store(this.#words, CONTROL.ACTIVE + index * CONTROL.ACTIVE_STRIDE, 0);
    let member: Member | null = null;
    const start = { memory: this.#memory.memory, control: this.#control, index, at: CONTROL };
    const spawned = spawn(start, () => {
      if (member === null || !this.#members.includes(member)) return;
      this.#remove(member);
      this.#lost++;
    });
    if (spawned === null) return null;
    if (await spawned.ready) {
      member = { index, spawned };
      return member;
    }
    await spawned.terminate();
    return null;
  }

  /** Kernels reach workers through memory, since a worker that sleeps reads no messages. */
  #addressOfBytes({ id, bytes }: Kernel): number {
    const known = this.#bytesOf.get(id);
    if (known !== undefined) return known;
    const address = this.#memory.allocate(bytes.length);
    new Uint8Array(this.#memory.buffer as ArrayBuffer, address, bytes.length).set(bytes);
    this.#bytesOf.set(id, address);
    return address;
  }
}
