// How long a thread waits for others before it takes one of them for gone. Nothing tells it so while it waits, and a clock
// alone does not either: after Ctrl-Z and fg, or when a lid was closed, it says that much time has passed, in which the others
// could not run any more than this thread could. So what counts is time that it has seen passing.

/** Rows take microseconds: a thread that has finished none in this time is gone. */
const GONE_AFTER_MS = 2000;

/** What a longer gap between two looks counts as. */
const MOST_AT_ONCE_MS = 20;

/** Looks between two at the clock, which takes longer than a look. */
const LOOKS_BETWEEN_CLOCKS = 4096;

export class Patience {
  #looks = 0;
  #progress = -1;
  #last = 0;
  #waited = 0;

  begin(): void {
    this.#looks = 0;
    this.#progress = -1;
  }

  /** For one look more at others that have come so far: whether they have stood still for too long. */
  isOver(progress: number): boolean {
    if (this.#looks++ % LOOKS_BETWEEN_CLOCKS !== 0) return false;
    const now = performance.now();
    const gap = now - this.#last;
    this.#last = now;
    this.#waited = progress === this.#progress ? this.#waited + Math.min(gap, MOST_AT_ONCE_MS) : 0;
    this.#progress = progress;
    return this.#waited > GONE_AFTER_MS;
  }
}
