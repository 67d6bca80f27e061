// What a library prints, for tests that look at it.
import { vi } from "vitest";

/** What is printed while `body` runs: by console.log, and by console.warn. */
export async function printedBy(body: () => Promise<unknown>): Promise<{ log: string[]; warn: string[] }> {
  const printed = { log: [] as string[], warn: [] as string[] };
  const spies = (["log", "warn"] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((message: unknown) => void printed[name].push(String(message))),
  );
  try {
    await body();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return printed;
}
