// The spread of the rates in one sentence, and one of them in few characters.
import type { Rates } from "../training/rates.js";

export function ratesText({ layers, least, median, greatest }: Rates): string {
  const count = layers.reduce((sum, { weights }) => sum + weights, 0).toLocaleString("en-US");
  if (!Number.isFinite(greatest)) return `Some of the ${count} weights are no longer finite.`;
  if (least === greatest) return `All ${count} weights have the same rate: ${rateText(median)}.`;
  const factor = Number((greatest / least).toPrecision(2)).toLocaleString("en-US");
  const range = `from ${rateText(least)} to ${rateText(greatest)}`;
  return (
    `The ${count} rates differ by a factor of up to ${factor}: ${range}, with a median of ${rateText(median)}. ` +
    "The highest belong to weights with hardly any gradient, such as those of inactive neurons."
  );
}

export function rateText(rate: number): string {
  if (rate === 0 || (rate >= 1e-4 && rate < 1e5)) return String(Number(rate.toPrecision(2)));
  return rate.toExponential(1).replace(".0e", "e");
}
