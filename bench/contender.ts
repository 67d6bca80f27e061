// What is timed, and in which company. How the turns are taken is in measure.ts.

/** Something that makes steps and says how long they took. */
export interface Contender {
  readonly name: string;
  /** Makes `count` steps; the milliseconds they took. */
  time(count: number): number | Promise<number>;
  /** The first few weights now, where they can be compared with those of the others. */
  peek?(): ArrayLike<number> | Promise<ArrayLike<number>>;
  /** Ends what runs outside of this process. */
  close?(): void;
}

/** Contenders that take turns. The others are compared with the first. */
export interface Lineup {
  readonly contenders: readonly [Contender, ...Contender[]];
  /** Who could not take part, and why. */
  readonly missing?: readonly string[];
  /** What was found out about the case when it was made. */
  readonly facts?: Facts;
  /** What the figures were measured with, or are worth, where that is not the same for all of the table. */
  readonly notes?: readonly string[];
}

/** One line-up of a table, described before it is made: it is made in a process of its own. */
export interface Case {
  /** What it is about, such as a number of threads: the first columns of its rows. */
  readonly facts: Facts;
  /** Elements updated by one step. */
  readonly parameters: number;
  readonly effort?: Partial<Effort>;
  create(): Lineup | Promise<Lineup>;
}

export type Facts = Readonly<Record<string, string | number>>;

/** How long a line-up is measured. */
export interface Effort {
  /** Time that each contender gets before anything counts. */
  readonly warmUpMs: number;
  /** A turn lasts at least so long. */
  readonly turnMs: number;
  readonly budgetMs: number;
  /** Rounds in which each contender has one turn. */
  readonly minRounds: number;
  readonly maxRounds: number;
}

/** A contender that calls a function in this process. */
export function timed(name: string, step: () => void, peek?: () => ArrayLike<number>): Contender {
  return {
    name,
    time(count) {
      const start = performance.now();
      for (let i = 0; i < count; i++) step();
      return performance.now() - start;
    },
    ...(peek && { peek }),
  };
}

/** The same for a step that has to be awaited. */
export function timedAsync(name: string, step: () => Promise<void>, peek: () => Promise<ArrayLike<number>>): Contender {
  return {
    name,
    async time(count) {
      const start = performance.now();
      for (let i = 0; i < count; i++) await step();
      return performance.now() - start;
    },
    peek,
  };
}
