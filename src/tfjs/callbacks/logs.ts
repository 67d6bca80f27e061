// What callbacks are told of a batch or an epoch, where TensorFlow.js may have scalars that are still on the device.
import type * as tf from "@tensorflow/tfjs-core";

/** Losses and metrics by their names, as TensorFlow.js passes them. */
export type UnresolvedLogs = Record<string, number | tf.Scalar>;

/** Makes numbers of all scalars, which are disposed of: whoever sees the logs later sees numbers. */
export async function withNumbersOnly(logs: UnresolvedLogs = {}): Promise<Record<string, number>> {
  for (const key of Object.keys(logs)) await numberIn(logs, key);
  return logs as Record<string, number>; // now they are
}

/** The number under a key, or null. The other values stay where they are. */
export async function numberIn(logs: UnresolvedLogs | undefined, key: string): Promise<number | null> {
  const value = logs?.[key];
  if (logs === undefined || value === undefined) return null;
  if (typeof value === "number") return value;
  const [number = Number.NaN] = await value.data(); // a scalar has one
  logs[key] = number;
  value.dispose();
  return number;
}

/** The name that TensorFlow.js has for `accuracy` where logs have none under Keras' name. */
export function nameIn(logs: Readonly<UnresolvedLogs>, name: string): string {
  if (name in logs || !name.endsWith("accuracy")) return name;
  const short = name.replace(/accuracy$/, "acc");
  return short in logs ? short : name;
}
