// The only place that prints: a warning where Keras warns, once for each cause, and what a callback is asked to say.

const warned = new Set<string>();

/** Prints a warning, unless the same one was printed before. */
export function warnOnce(message: string): void {
  if (warned.has(message)) return;
  warned.add(message);
  // biome-ignore lint/suspicious/noConsole: Keras warns here, too.
  console.warn(message);
}

/** Prints what Keras prints, such as what a callback does with `verbose: 1`. */
export function print(message: string): void {
  // biome-ignore lint/suspicious/noConsole: Keras prints here, too.
  console.log(message);
}
