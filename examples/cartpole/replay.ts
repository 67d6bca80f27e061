// Replay memory: the last transitions, from which batches are drawn at random.
import type { Random } from "../shared/random.js";
import { STATE_SIZE, type State } from "./cart-pole.js";

/** Transitions side by side: row i of each array belongs to the same one. */
export interface Batch {
  readonly states: Float32Array;
  readonly actions: Int32Array;
  readonly nextStates: Float32Array;
  /** 1 where the episode could go on, 0 where the pole fell. */
  readonly alive: Float32Array;
}

/** A ring of transitions: when it is full, the oldest one makes room. */
export class ReplayMemory {
  readonly #kept: Batch;
  readonly #capacity: number;
  #added = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#kept = createBatch(capacity);
  }

  /** Transitions that can be drawn. */
  get size(): number {
    return Math.min(this.#added, this.#capacity);
  }

  add(state: State, action: number, nextState: State, fallen: boolean): void {
    const row = this.#added++ % this.#capacity;
    this.#kept.states.set(state, row * STATE_SIZE);
    this.#kept.nextStates.set(nextState, row * STATE_SIZE);
    this.#kept.actions[row] = action;
    this.#kept.alive[row] = fallen ? 0 : 1;
  }

  /** `count` transitions, each drawn from all of them. */
  sample(count: number, random: Random): Batch {
    const batch = createBatch(count);
    for (let i = 0; i < count; i++) copyRow(this.#kept, Math.floor(random() * this.size), batch, i);
    return batch;
  }
}

function createBatch(rows: number): Batch {
  return {
    states: new Float32Array(rows * STATE_SIZE),
    actions: new Int32Array(rows),
    nextStates: new Float32Array(rows * STATE_SIZE),
    alive: new Float32Array(rows),
  };
}

function copyRow(from: Batch, row: number, to: Batch, target: number): void {
  const start = row * STATE_SIZE;
  to.states.set(from.states.subarray(start, start + STATE_SIZE), target * STATE_SIZE);
  to.nextStates.set(from.nextStates.subarray(start, start + STATE_SIZE), target * STATE_SIZE);
  to.actions[target] = from.actions[row] ?? 0;
  to.alive[target] = from.alive[row] ?? 0;
}
