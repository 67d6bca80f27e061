// Asks the worker of the landscape for the three runs whenever the remedies change.
import { useEffect, useState } from "preact/hooks";
import type { NanAnswer, Request } from "../landscape/worker.js";
import { ASKED, type NanRuns, type NanState } from "./state.js";

interface Known {
  readonly runs: NanRuns | null;
  /** Why nothing is computed, if nothing is. */
  readonly failure: string | null;
}

export function useRuns({ epsilon, clipvalue, centered }: Omit<NanState, "step">): Known {
  const [known, setKnown] = useState<Known>({ runs: null, failure: null });
  const [worker] = useState(() => new Worker(new URL("../landscape/worker.ts", import.meta.url), { type: "module" }));
  useEffect(() => {
    worker.onmessage = ({ data }: MessageEvent<NanAnswer>) => setKnown({ runs: data.nan, failure: null });
    worker.onerror = ({ message }) => setKnown({ runs: null, failure: message || "its script could not be loaded" });
    return () => worker.terminate();
  }, [worker]);
  useEffect(() => {
    worker.postMessage({ nan: { ...ASKED, epsilon, clipvalue, centered } } satisfies Request);
  }, [epsilon, clipvalue, centered]);
  return known;
}
