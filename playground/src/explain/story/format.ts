// Numbers as the first screen writes them.

/** Four digits, or two where a power of ten is needed; with a true minus. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (Number.isNaN(value)) return "NaN";
  const text = size === 0 ? "0" : size >= 1e-3 && size < 1e5 ? plain(size) : exponent(size);
  return value < 0 && size > 0 ? `−${text}` : text;
}

function plain(size: number): string {
  return String(Number(size.toPrecision(4)));
}

function exponent(size: number): string {
  return size.toExponential(1).replace("-", "−").replace("e+", "e");
}

/** How many times: two digits, with commas in thousands; powers of ten beyond millions. */
export function times(factor: number): string {
  if (!Number.isFinite(factor)) return "∞";
  if (factor >= 1e7) return exponent(factor);
  return Number(factor.toPrecision(2)).toLocaleString("en-US");
}
