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
  /** Whether there are other settings that wait for Start. */
  readonly isWaiting: boolean;
  /** Why there is no worker; the next call tries again. */
  readonly failure: string | null;
}

let kept: Session | null = null;
/** Browsers say that they are online a moment before anything can be loaded. */
const ONLINE_MS = 1000;
/** Settings come one by one: a run is started anew after the last of them. */
const SETTLED_MS = 300;
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
      if (asked === kept) fail(messageOf(error));
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
  // A training that was not paused takes other settings by itself, after its end, too.
  const follow = async (): Promise<void> => {
    const asked = kept;
    if (!asked) return;
    try {
      const isNew = await asked.ask("set", contestants, contested);
      if (asked.isOn) void send("train", epochs);
      else if (isNew && !asked.view?.training) asked.isWaiting = true;
      redraw(undefined);
    } catch (error) {
      if (asked === kept) fail(messageOf(error));
    }
  };
  useEffect(() => {
    const timer = setTimeout(follow, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [JSON.stringify(digits)]);
  return { session, send, view: kept?.view ?? null, isWaiting: kept?.isWaiting ?? false, failure };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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
