// The state of the page, which is kept in its address.
import { useEffect, useRef, useState } from "preact/hooks";
import { fromFragment, toFragment } from "./address.js";
import type { PageState } from "./settings.js";
import type { TabProps } from "./tab-props.js";

/** Browsers refuse addresses that change at each frame. */
const ADDRESS_MS = 300;

interface Page extends TabProps {
  /** What the address said that was not understood. */
  readonly problems: readonly string[];
}

export function usePage(): Page {
  const [{ state, problems }, setPage] = useState(() => fromFragment(location.hash));
  const address = useRef<AddressWriter | null>(null);
  address.current ??= new AddressWriter();
  useEffect(() => {
    const read = (): void => {
      address.current?.forget();
      setPage(fromFragment(location.hash));
    };
    const flush = (): void => address.current?.flush();
    addEventListener("hashchange", read);
    addEventListener("pagehide", flush);
    return () => {
      removeEventListener("hashchange", read);
      removeEventListener("pagehide", flush);
    };
  }, []);
  const change = (update: (present: PageState) => PageState): void =>
    setPage((present) => {
      const next = update(present.state);
      address.current?.write(next);
      return { state: next, problems: [] };
    });
  return { state, problems, change };
}

/** Writes the newest state: at once where none was written lately, soon otherwise. */
class AddressWriter {
  #next: PageState | null = null;
  #written = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  write(state: PageState): void {
    const isWaiting = this.#next !== null;
    this.#next = state;
    const wait = this.#written + ADDRESS_MS - performance.now();
    if (wait <= 0) this.flush();
    else if (!isWaiting) this.#timer = setTimeout(() => this.flush(), wait);
  }

  flush(): void {
    if (this.#next) history.replaceState(null, "", `#${toFragment(this.#next)}`);
    if (this.#next) this.#written = performance.now();
    this.forget();
  }

  /** Drops what was not yet written. */
  forget(): void {
    this.#next = null;
    clearTimeout(this.#timer);
  }
}
