// The only place that prints: a warning where Keras warns, once for each cause.

const warned = new Set<string>();

/** Prints a warning, unless the same one was printed before. */
export function warnOnce(message: string): void {
  if (warned.has(message)) return;
  warned.add(message);
  // biome-ignore lint/suspicious/noConsole: Keras warns here, too.
  console.warn(message);
}
