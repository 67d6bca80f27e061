// The words through which threads agree on who takes which rows, in shared memory. pool.ts writes them, worker.js and
// pool.ts take rows by them.

/** Indices of 32-bit words from the start of the control block. All are unsigned: addresses reach up to 4 GiB. */
export const CONTROL = {
  /** Counts the tables: a change wakes the workers. */
  EPOCH: 0,
  /** The lower 16 bits of the epoch, and the next rows to take. */
  TICKET: 1,
  TICKETS: 2,
  /** The same bits, and how many tickets are done: one of an earlier table does not count. */
  COMPLETED: 3,
  KERNEL: 4,
  BYTES: 5,
  BYTE_LENGTH: 6,
  TABLE: 7,
  STRIDE: 8,
  ROWS: 9,
  ROWS_PER_TICKET: 10,
  SCALARS: 11,
  STOP: 12,
  /** 1 while a worker may touch this block; one cache line for each. */
  ACTIVE: 16,
  ACTIVE_STRIDE: 16,
  /** One line, and one for each of `MAX_WORKERS`. */
  LENGTH: 1040,
} as const;

/** Workers that have a line of their own in the block. */
export const MAX_WORKERS = 64;

/** Tickets are counted in 16 bits. A count is one more than there are tickets when the last one was asked for. */
export const MAX_TICKETS = 65_535;

/** What a worker is started with. */
export interface Start {
  readonly memory: WebAssembly.Memory;
  /** The address of the control block. */
  readonly control: number;
  readonly index: number;
  readonly at: typeof CONTROL;
  /** In pages: the lock that the worker holds as long as it lives. */
  readonly lock?: string;
}
