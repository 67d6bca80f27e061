// What a device of jax-js needs so that an operation rounds once, to float32, wherever that can be had.
import { type Device, defaultDevice, numpy as np } from "@jax-js/jax";

export interface Numerics {
  /** The device has float64: quotients, norms and the functions of schedules are computed in it and rounded once. */
  readonly float64: boolean;
  /** A compiled function of the device keeps double precision between operations: each one has to be rounded. */
  readonly roundsLate: boolean;
}

/** The numerics of each device. */
export const NUMERICS: Readonly<Record<Device, Numerics>> = {
  wasm: { float64: true, roundsLate: false },
  cpu: { float64: true, roundsLate: true },
  webgpu: { float64: false, roundsLate: false },
  webgl: { float64: false, roundsLate: false },
};

/** The device that computes with these arrays. Inside `jit` they do not know it: there it is the default device. */
export function deviceOf(arrays: readonly np.Array[]): Device {
  const placed = arrays.find((array) => array instanceof np.Array);
  return placed?.device ?? defaultDevice();
}

/** An array of the same numbers, rounded to float32 where the device has not done so. */
export function rounded({ roundsLate }: Numerics, array: np.Array): np.Array {
  return roundsLate ? array.view(np.int32).view(np.float32) : array;
}
