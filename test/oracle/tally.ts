// Counts of cases, arrays and mismatches by row, as a table.
import type { Comparison, Mismatch } from "./compare.js";

interface Row {
  cases: number;
  arrays: number;
  mismatches: number;
}

export class Tally {
  readonly #rows = new Map<string, Row>();

  /** Counts a compared case under `row`; returns its mismatches. */
  add(row: string, { arrays, mismatches }: Comparison): readonly Mismatch[] {
    const counts = this.#rows.get(row) ?? { cases: 0, arrays: 0, mismatches: 0 };
    counts.cases++;
    counts.arrays += arrays;
    counts.mismatches += mismatches.length;
    this.#rows.set(row, counts);
    return mismatches;
  }

  get cases(): number {
    return [...this.#rows.values()].reduce((sum, row) => sum + row.cases, 0);
  }

  get mismatches(): number {
    return [...this.#rows.values()].reduce((sum, row) => sum + row.mismatches, 0);
  }

  table(): string {
    const lines = [...this.#rows].map(([name, { cases, arrays, mismatches }]) =>
      [name, cases, arrays, mismatches].map(String),
    );
    const all = [["", "cases", "arrays", "mismatches"], ...lines];
    const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
    const padded = (line: string[]): string =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  ");
    return all.map(padded).join("\n");
  }
}
