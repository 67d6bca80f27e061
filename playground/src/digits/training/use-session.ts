// The worker of the tab as a hook: started when it is needed first, kept while other tabs are shown, thrown away when it fails.
import { useEffect, useReducer, useState } from "preact/hooks";
import type { DigitsState } from "../../settings.js";
import type { Contest } from "./contest.js";
import { Session } from "./session.js";
import type { Request, View } from "./worker.js";

export interface Held {
  /** Starts the worker if there is none. */
  session(): Session;
  /** A call whose answer is seen in `view`; what goes wrong with it is in `failure`. */
  send<M extends Request["method"]>(method: M, ...args: Parameters<Contest[M]>): Promise<void>;
  readonly view: View | null;
  /** Why there is no worker; the next call tries again. */
  readonly failure: string | null;
}

let kept: Session | null = null;

/** The worker follows the settings. */
export function useSession(digits: DigitsState): Held {
  const [, redraw] = useReducer((count: number, _: undefined) => count + 1, 0);
  const [failure, setFailure] = useState<string | null>(null);
  const { contestants, seed, batchSize, epochs } = digits;
  const fail = (reason: string): void => {
    kept?.close();
    kept = null;
    setFailure(reason);
  };
  const listener = { changed: () => redraw(undefined), failed: fail };
  const session = (): Session => {
    if (kept) return kept;
    kept = new Session();
    kept.listener = listener;
    setFailure(null);
    void send("set", contestants, { seed, batchSize });
    return kept;
  };
  const send: Held["send"] = async (method, ...args) => {
    const asked = session();
    try {
      await asked.ask(method, ...args);
    } catch (error) {
      if (asked === kept) fail(error instanceof Error ? error.message : String(error));
    }
  };
  useEffect(() => {
    if (kept) kept.listener = listener;
    redraw(undefined);
    return () => {
      if (kept) kept.listener = null;
    };
  }, []);
  useEffect(() => {
    if (kept) void send("set", contestants, { seed, batchSize });
  }, [JSON.stringify([contestants, seed, batchSize])]);
  useEffect(() => {
    if (kept?.view?.training) void send("train", epochs);
  }, [epochs]);
  return { session, send, view: kept?.view ?? null, failure };
}
