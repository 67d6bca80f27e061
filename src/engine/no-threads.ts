// `setThreads` for React Native, which has no workers. It parses neither `import.meta` nor dynamic imports: threads.ts has both.
import { warnOnce } from "../check/warn.js";
import { checkThreadCount } from "./wasm/threads/thread-count.js";

/** Takes what `setThreads` of other platforms takes, and warns that there is one thread. */
export async function setOneThread(count: number | "auto"): Promise<number> {
  checkThreadCount(count);
  const asked = count === "auto" ? 1 : count;
  if (asked > 1) warnOnce(`setThreads: 1 of ${asked} threads run: React Native has no workers.`);
  return 1;
}
