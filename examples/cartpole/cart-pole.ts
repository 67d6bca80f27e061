// The cart and its pole: equations of motion, and the episodes that an agent plays. What the agent does is in agent.ts.
import type { Random } from "../shared/random.js";

/** Position of the cart (m), its velocity (m/s), angle of the pole from upright (rad), its velocity (rad/s). */
export type State = readonly [position: number, velocity: number, angle: number, angularVelocity: number];

/** Numbers in a state. */
export const STATE_SIZE = 4;
/** Push to the left, push to the right. */
export const ACTIONS = 2;

const GRAVITY = 9.8; // m/s²
const CART_MASS = 1; // kg
const POLE_MASS = 0.1; // kg
const HALF_LENGTH = 0.5; // m, from the hinge to the middle of the pole
const PUSH = 10; // N
const TIME_STEP = 0.02; // s
const MAX_POSITION = 2.4; // m
const MAX_ANGLE = (12 * Math.PI) / 180;
const START = 0.05;

/**
 * Accelerations of cart (m/s²) and pole (rad/s²) under a horizontal `force` in N, without friction: A. G. Barto,
 * R. S. Sutton and C. W. Anderson, "Neuronlike adaptive elements that can solve difficult learning control problems",
 * IEEE Transactions on Systems, Man, and Cybernetics 13 (1983), appendix.
 */
export function accelerations([, , angle, angularVelocity]: State, force: number): readonly [number, number] {
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const mass = CART_MASS + POLE_MASS;
  const pull = (force + POLE_MASS * HALF_LENGTH * angularVelocity ** 2 * sine) / mass;
  const angular = (GRAVITY * sine - cosine * pull) / (HALF_LENGTH * (4 / 3 - (POLE_MASS * cosine ** 2) / mass));
  return [pull - (POLE_MASS * HALF_LENGTH * angular * cosine) / mass, angular];
}

/** The state a time step later (Euler). */
export function moved(state: State, force: number, timeStep: number = TIME_STEP): State {
  const [position, velocity, angle, angularVelocity] = state;
  const [acceleration, angularAcceleration] = accelerations(state, force);
  return [
    position + timeStep * velocity,
    velocity + timeStep * acceleration,
    angle + timeStep * angularVelocity,
    angularVelocity + timeStep * angularAcceleration,
  ];
}

/** Whether the cart has left its track, or the pole leans more than 12 degrees. */
export function hasFallen([position, , angle]: State): boolean {
  return Math.abs(position) > MAX_POSITION || Math.abs(angle) > MAX_ANGLE;
}

/** What a push led to. */
export interface Outcome {
  readonly state: State;
  /** The pole fell or the cart left the track: nothing more can be won. */
  readonly fallen: boolean;
  /** The episode is over, be it only because its time is up. */
  readonly over: boolean;
}

/** One cart-pole that is set up again and again. Each step survived is a reward of 1. */
export class CartPole {
  readonly #random: Random;
  readonly #maxSteps: number;
  #state: State = [0, 0, 0, 0];
  #steps = 0;

  /** Starts follow from `random`; an episode ends after `maxSteps` steps at the latest. */
  constructor(random: Random, maxSteps: number) {
    this.#random = random;
    this.#maxSteps = maxSteps;
    this.reset();
  }

  get state(): State {
    return this.#state;
  }

  /** Sets the cart up near the middle, the pole nearly upright. */
  reset(): State {
    const draw = (): number => START * (2 * this.#random() - 1);
    this.#state = [draw(), draw(), draw(), draw()];
    this.#steps = 0;
    return this.#state;
  }

  /** Pushes the cart to the left (0) or to the right (1) for one time step. */
  push(action: number): Outcome {
    this.#state = moved(this.#state, action === 1 ? PUSH : -PUSH);
    this.#steps++;
    const fallen = hasFallen(this.#state);
    return { state: this.#state, fallen, over: fallen || this.#steps >= this.#maxSteps };
  }
}
