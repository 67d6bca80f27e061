// The page: its tabs, and its state, which is kept in the address.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { fromFragment, toFragment } from "./address.js";
import { CodeTab } from "./code/tab.js";
import { DigitsTab } from "./digits/tab.js";
import { LandscapeTab } from "./landscape/tab.js";
import { type PageState, TABS } from "./settings.js";
import { SpeedTab } from "./speed/tab.js";
import type { TabProps } from "./tab-props.js";
import { Tabs } from "./ui/tabs.js";

const TITLES: Readonly<Record<PageState["tab"], string>> = {
  landscape: "Landscape",
  digits: "Digits",
  speed: "Speed",
  code: "Code",
};

const PANELS: Readonly<Record<PageState["tab"], (props: TabProps) => JSX.Element>> = {
  landscape: LandscapeTab,
  digits: DigitsTab,
  speed: SpeedTab,
  code: CodeTab,
};

export function App(): JSX.Element {
  const [{ state, problems }, setPage] = useState(() => fromFragment(location.hash));
  useEffect(() => {
    const read = () => setPage(fromFragment(location.hash));
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  const change = (update: (present: PageState) => PageState): void =>
    setPage((present) => {
      const next = update(present.state);
      history.replaceState(null, "", `#${toFragment(next)}`);
      return { state: next, problems: [] };
    });
  const Panel = PANELS[state.tab];
  return (
    <>
      <header>
        <h1>rmsprop</h1>
        <p>Keras' RMSprop in the page: see what each option does.</p>
        <nav aria-label="Site">
          <a href="guide/index.html">Guide</a>
          <a href="api/index.html">API</a>
        </nav>
      </header>
      <main>
        {problems.length > 0 && (
          <p class="notice" role="status">
            Parts of this address make no sense and were left out: {problems.join("; ")}.
          </p>
        )}
        <Tabs
          titles={TITLES}
          names={TABS}
          chosen={state.tab}
          choose={(tab) => change((present) => ({ ...present, tab }))}
        >
          <Panel state={state} change={change} />
        </Tabs>
      </main>
    </>
  );
}
