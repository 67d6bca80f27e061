// One run: the agent plays, remembers, learns, and in the end shows what it has learned.
import { createRandom } from "../shared/random.js";
import type { Agent } from "./agent.js";
import { CartPole } from "./cart-pole.js";
import { ReplayMemory } from "./replay.js";

/** What decides a run, besides the agent. */
export interface Course {
  readonly seed: number;
  /** Pushes in all. */
  readonly steps: number;
  /** Pushes in an episode, at most. */
  readonly maxSteps: number;
  readonly batchSize: number;
}

/** An episode that was played while learning; its return is the number of steps that the pole stood. */
export interface Episode {
  readonly episode: number;
  /** Pushes so far, over all episodes. */
  readonly step: number;
  readonly score: number;
  /** Share of pushes that were made at random, at the end of the episode. */
  readonly epsilon: number;
  /** Mean loss of the learning steps in it; NaN without any. */
  readonly loss: number;
}

/** Told about every step and episode while a run goes on. */
export interface Watcher {
  onStep?(step: number): void;
  onEpisode?(episode: Episode): void;
}

/** Returns of the episodes played without random pushes, before and after learning, and all episodes in between. */
export interface Run {
  readonly before: readonly number[];
  readonly episodes: readonly Episode[];
  readonly after: readonly number[];
}

const MEMORY = 10_000;
/** Pushes before learning starts. */
const WARM_UP = 500;
/** Pushes between two learning steps. */
const EVERY = 2;
/** Pushes between two copies of the network into the target network. */
const REFRESH = 100;
/** Random pushes fall from all to this share, over the first part of the run. */
const LEAST_RANDOM = 0.02;
const EXPLORING_PART = 0.3;
const TRIALS = 20;

/** Learning steps in a run of so many pushes. */
export function learningSteps(pushes: number): number {
  return Math.max(1, Math.floor(pushes / EVERY) - Math.floor((WARM_UP - 1) / EVERY));
}

/** Lets `agent` play and learn for `course.steps` pushes, then tries it without random pushes. */
export function train(agent: Agent, course: Course, watcher: Watcher = {}): Run {
  const before = trial(agent, course);
  const episodes = play(agent, course, watcher);
  agent.finalize();
  return { before, episodes, after: trial(agent, course) };
}

function play(agent: Agent, course: Course, watcher: Watcher): Episode[] {
  const random = createRandom(course.seed);
  const cartPole = new CartPole(random, course.maxSteps);
  const memory = new ReplayMemory(MEMORY);
  const episodes: Episode[] = [];
  let [score, losses] = [0, [] as number[]];
  for (let step = 1; step <= course.steps; step++) {
    const epsilon = epsilonAt(step, course.steps);
    const { state } = cartPole;
    const action = random() < epsilon ? Math.floor(2 * random()) : agent.bestAction(state);
    const outcome = cartPole.push(action);
    memory.add(state, action, outcome.state, outcome.fallen);
    score++;
    if (step >= WARM_UP && step % EVERY === 0) losses.push(agent.learn(memory.sample(course.batchSize, random)));
    if (step % REFRESH === 0) agent.refreshTarget();
    watcher.onStep?.(step);
    if (!outcome.over) continue;
    const episode = { episode: episodes.length + 1, step, score, epsilon, loss: meanOf(losses) };
    episodes.push(episode);
    watcher.onEpisode?.(episode);
    [score, losses] = [0, []];
    cartPole.reset();
  }
  return episodes;
}

/** The share of random pushes falls in a line. */
function epsilonAt(step: number, steps: number): number {
  return Math.max(LEAST_RANDOM, 1 - ((1 - LEAST_RANDOM) * step) / (EXPLORING_PART * steps));
}

/** Returns of episodes without random pushes, from starts that learning never sees. */
function trial(agent: Agent, { seed, maxSteps }: Course): number[] {
  const cartPole = new CartPole(createRandom(seed + 0x7e57), maxSteps);
  return Array.from({ length: TRIALS }, () => {
    let score = 0;
    for (let over = false; !over; score++) over = cartPole.push(agent.bestAction(cartPole.state)).over;
    cartPole.reset();
    return score;
  });
}

/** The mean of numbers; NaN of none. */
export function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
