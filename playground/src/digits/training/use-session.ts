// The worker of the tab as a hook: started, and training, at the first visit, kept while other tabs are shown, thrown away when it fails.
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
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
/** Browsers say that they are online a moment before anything can be loaded. */
const ONLINE_MS = 1000;
/** What the worker needs is kept from the first visit of the tab on. */
const OFFLINE =
  "You are offline, and TensorFlow.js is not on this device yet. Open this tab once while you are online; from then on it " +
  "works offline, too";

/** The worker follows the settings. */
export function useSession(digits: DigitsState): Held {
  const [, redraw] = useReducer((count: number, _: undefined) => count + 1, 0);
  const [failure, setFailure] = useState<string | null>(null);
  const { contestants, epochs, ...contested } = digits;
  const fail = (reason: string): void => {
    kept?.close();
    kept = null;
    setFailure(navigator.onLine ? reason : OFFLINE);
  };
  const listener = { changed: () => redraw(undefined), failed: fail };
  const session = (): Session => {
    if (kept) return kept;
    kept = new Session();
    kept.listener = listener;
    setFailure(null);
    void send("set", contestants, contested);
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
    // At the first visit; later ones show what has become of it.
    else void send("train", epochs);
    redraw(undefined);
    return () => {
      if (kept) kept.listener = null;
    };
  }, []);
  useRetry(failure, () => void send("train", epochs));
  useEffect(() => {
    if (kept) void send("set", contestants, contested);
  }, [JSON.stringify([contestants, contested])]);
  useEffect(() => {
    if (kept?.view?.training) void send("train", epochs);
  }, [epochs]);
  return { session, send, view: kept?.view ?? null, failure };
}

/** Calls `retry` when there is a network again after a failure. */
function useRetry(failure: string | null, retry: () => void): void {
  const latest = useRef(retry);
  latest.current = retry;
  useEffect(() => {
    if (failure === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = (): void => {
      timer = setTimeout(() => latest.current(), ONLINE_MS);
    };
    addEventListener("online", wait);
    // The network may be back before anybody listens.
    if (failure === OFFLINE && navigator.onLine) wait();
    return () => {
      removeEventListener("online", wait);
      clearTimeout(timer);
    };
  }, [failure]);
}
