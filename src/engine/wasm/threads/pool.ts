// The workers of one memory: hands a table out row by row, takes part itself, and waits for the last row.

import type { Kernel } from "../kernels.js";
import type { LinearMemory } from "../memory/linear-memory.js";
import { LiveView } from "../memory/live-view.js";
import type { Table } from "../table.js";
import { CONTROL, MAX_TICKETS, MAX_WORKERS } from "./control.js";
import { Patience } from "./patience.js";
import { type Spawn, type Spawned, waysToSpawn } from "./spawn.js";
import { WorkerLostError } from "./worker-lost.js";

/** Elements that a ticket should be worth: ten microseconds of work at least; long runs, since memory likes them. */
const TICKET_ELEMENTS = { least: 16_384, most: 262_144 } as const;
/** Tickets for each thread, so that one which the system holds up costs little. */
const TICKETS_PER_THREAD = 16;

/** Where a count stands beside the lower half of an epoch. */
const COUNT = 0xffff;

interface Member {
  readonly index: number;
  readonly spawned: Spawned;
  hasEnded: boolean;
}

/** The worker threads of an engine. @internal */
export class Pool {
  readonly #memory: LinearMemory;
  readonly #control: number;
  readonly #scalars: number;
  readonly #words: LiveView<Uint32Array>;
  /** The same words, as those who sleep are woken through. */
  readonly #signals: LiveView<Int32Array>;
  readonly #bytesOf = new Map<number, number>();
  readonly #patience = new Patience();
  #members: Member[] = [];
  /** Those that were given up, until they cannot touch memory any more. */
  #leaving: Promise<void>[] = [];
  #lost = 0;

  /** None at first; `scalars` is the address from which kernels read their scalars. */
  constructor(memory: LinearMemory, scalars: number) {
    this.#memory = memory;
    this.#scalars = scalars;
    this.#control = memory.allocate(CONTROL.LENGTH * 4);
    this.#words = new LiveView(memory, Uint32Array, this.#control, CONTROL.LENGTH);
    this.#signals = new LiveView(memory, Int32Array, this.#control, CONTROL.LENGTH);
  }

  /** Workers that answer. */
  get size(): number {
    return this.#members.length;
  }

  /** Stops all workers, and starts so many. */
  async resize(count: number): Promise<void> {
    await this.stop();
    Atomics.store(this.#words.now, CONTROL.STOP, 0);
    for (const spawn of waysToSpawn()) {
      const started = Array.from({ length: Math.min(count, MAX_WORKERS) }, (_, index) => this.#start(index, spawn));
      const members = await Promise.all(started);
      this.#members = members.filter((member) => member !== null).filter(({ hasEnded }) => !hasEnded);
      if (this.#members.length > 0) return;
    }
  }

  async stop(): Promise<void> {
    const members = this.#members;
    this.#members = [];
    this.#lost = 0;
    Atomics.store(this.#words.now, CONTROL.STOP, 1);
    this.#announce();
    await Promise.all([...members.map(({ spawned }) => spawned.terminate()), ...this.#leaving.splice(0)]);
  }

  /** Throws if a worker was lost since the last step. */
  check(): void {
    if (this.#lost === 0) return;
    this.#lost = 0;
    throw new WorkerLostError(1 + this.#members.length, false);
  }

  /** Makes a kernel known to the workers, so that running it cannot fail. Throws MemoryError. */
  prepare({ id, bytes }: Kernel): void {
    if (this.#bytesOf.has(id)) return;
    // They get it through memory, since a worker that sleeps reads no messages.
    const address = this.#memory.allocate(bytes.length);
    new LiveView(this.#memory, Uint8Array, address, bytes.length).now.set(bytes);
    this.#bytesOf.set(id, address);
  }

  /** Computes all rows of a table, together with the workers. The kernel was prepared. */
  run(kernel: Kernel, table: Table): void {
    const words = this.#words.now;
    const rowsPerTicket = this.#rowsPerTicket(table);
    const tickets = Math.ceil(table.rows / rowsPerTicket);
    const tag = (Atomics.load(words, CONTROL.EPOCH) + 1) << 16;
    // No ticket of this table can be taken before all words are written, which is in this order for the workers, too.
    Atomics.store(words, CONTROL.TICKET, tag | MAX_TICKETS);
    Atomics.store(words, CONTROL.TICKETS, tickets);
    Atomics.store(words, CONTROL.KERNEL, kernel.id);
    Atomics.store(words, CONTROL.BYTES, this.#bytesOf.get(kernel.id) as number); // it was prepared
    Atomics.store(words, CONTROL.BYTE_LENGTH, kernel.bytes.length);
    Atomics.store(words, CONTROL.TABLE, table.start);
    Atomics.store(words, CONTROL.STRIDE, table.stride);
    Atomics.store(words, CONTROL.ROWS, table.rows);
    Atomics.store(words, CONTROL.ROWS_PER_TICKET, rowsPerTicket);
    Atomics.store(words, CONTROL.SCALARS, this.#scalars);
    Atomics.store(words, CONTROL.COMPLETED, tag);
    Atomics.store(words, CONTROL.TICKET, tag);
    this.#announce();
    this.#takeRows(words, kernel, table, rowsPerTicket, tickets);
    this.#wait(words, kernel, tickets);
  }

  #rowsPerTicket({ elements, rows }: Table): number {
    const share = elements / (TICKETS_PER_THREAD * (1 + this.size));
    const perTicket = Math.min(TICKET_ELEMENTS.most, Math.max(TICKET_ELEMENTS.least, share));
    const perRow = Math.max(1, elements / rows);
    return Math.max(1, Math.round(perTicket / perRow), Math.ceil(rows / (MAX_TICKETS - 1)));
  }

  #announce(): void {
    Atomics.add(this.#words.now, CONTROL.EPOCH, 1);
    Atomics.notify(this.#signals.now, CONTROL.EPOCH);
  }

  #takeRows(words: Uint32Array, kernel: Kernel, table: Table, rowsPerTicket: number, tickets: number): void {
    for (;;) {
      const next = Atomics.add(words, CONTROL.TICKET, 1) & COUNT;
      if (next >= tickets) return;
      const first = next * rowsPerTicket;
      const last = Math.min(first + rowsPerTicket, table.rows);
      kernel.run(table.start + first * table.stride, table.start + last * table.stride, this.#scalars);
      Atomics.add(words, CONTROL.COMPLETED, 1);
    }
  }

  /** Until all rows are done and no worker touches the control block. A page's main thread must not sleep: it looks. */
  #wait(words: Uint32Array, kernel: Kernel, tickets: number): void {
    this.#patience.begin();
    let completed = Atomics.load(words, CONTROL.COMPLETED) & COUNT;
    while (completed < tickets || this.#anyActive(words)) {
      if (this.#patience.isOver(completed)) this.#giveUp(words, kernel, tickets);
      completed = Atomics.load(words, CONTROL.COMPLETED) & COUNT;
    }
  }

  #anyActive(words: Uint32Array): boolean {
    // The index is one of the list.
    for (let i = 0; i < this.#members.length; i++) if (isActive(words, this.#members[i] as Member)) return true;
    return false;
  }

  /** Ends the workers that stand still. Where they have left nothing undone this step is done, and the next one tells. */
  #giveUp(words: Uint32Array, kernel: Kernel, tickets: number): void {
    const isDone = (Atomics.load(words, CONTROL.COMPLETED) & COUNT) >= tickets;
    const gone = this.#members.filter((member) => isActive(words, member));
    for (const member of gone) this.#remove(member);
    this.#leaving.push(...gone.map(({ spawned }) => spawned.terminate()));
    this.#lost = isDone ? this.#lost + gone.length : 0;
    if (!isDone) throw new WorkerLostError(1 + this.#members.length, kernel.updates);
  }

  #remove({ index }: Member): void {
    Atomics.store(this.#words.now, activeAt(index), 0);
    this.#members = this.#members.filter((member) => member.index !== index);
  }

  async #start(index: number, spawn: Spawn): Promise<Member | null> {
    Atomics.store(this.#words.now, activeAt(index), 0);
    const start = { memory: this.#memory.memory, control: this.#control, index, at: CONTROL };
    let member: Member | null = null;
    const spawned = spawn(start, () => {
      if (member !== null) this.#lose(member);
    });
    if (spawned === null) return null;
    member = { index, spawned, hasEnded: false };
    if (await spawned.ready) return member;
    await spawned.terminate();
    return null;
  }

  /** It has ended. Whoever is no member yet, or not any more, is missed by nobody. */
  #lose(member: Member): void {
    member.hasEnded = true;
    if (!this.#members.includes(member)) return;
    this.#remove(member);
    this.#lost++;
  }
}

const activeAt = (index: number): number => CONTROL.ACTIVE + index * CONTROL.ACTIVE_STRIDE;

const isActive = (words: Uint32Array, { index }: Member): boolean => Atomics.load(words, activeAt(index)) === 1;
