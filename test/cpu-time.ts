// How long something takes of the processor, which does not depend on what else the machine does.

/** Starts a clock of this process' time on the processor, its compiler and collector included; it tells milliseconds. */
export function cpuClock(): () => number {
  const started = process.cpuUsage();
  return () => process.cpuUsage(started).user / 1000;
}
