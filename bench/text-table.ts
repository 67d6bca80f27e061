// Rows as a markdown table whose columns line up in a terminal, too.

/** The first `leftColumns` columns are words, the others numbers. */
export function textTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  leftColumns: number,
): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0), 3));
  const isLeft = (i: number): boolean => i < leftColumns;
  const line = (cells: readonly string[]): string => {
    const padded = widths.map((width, i) =>
      isLeft(i) ? (cells[i] ?? "").padEnd(width) : (cells[i] ?? "").padStart(width),
    );
    return `| ${padded.join(" | ")} |`;
  };
  const rule = widths.map((width, i) => (isLeft(i) ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(header), line(rule), ...rows.map(line)].join("\n");
}

/** A number of any size in three digits that matter. */
export function threeDigits(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A whole number with commas. */
export function grouped(value: number): string {
  return value.toLocaleString("en-US");
}
