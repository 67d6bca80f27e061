// Where keys lead along a chart, as the ARIA pattern of a slider has them.

/** Where a key leads from a step, or undefined for any other key. */
export function soughtStep(event: KeyboardEvent, step: number, last: number): number | undefined {
  const far = Math.max(1, Math.round(last / 10));
  const targets: Readonly<Record<string, number>> = {
    ...{ ArrowLeft: step - 1, ArrowDown: step - 1, ArrowRight: step + 1, ArrowUp: step + 1 },
    ...{ PageDown: step - far, PageUp: step + far, Home: 0, End: last },
  };
  const target = targets[event.key];
  if (target === undefined || last < 0) return undefined;
  event.preventDefault();
  return Math.max(0, Math.min(last, target));
}
