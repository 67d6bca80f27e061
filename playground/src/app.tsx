// The page: its header with the tabs, and the panel of the chosen one.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { CodeTab } from "./code/tab.js";
import { useFileDrop } from "./digits/files/drop.js";
import { DigitsTab } from "./digits/tab.js";
import { ExplainTab } from "./explain/tab.js";
import { LandscapeTab } from "./landscape/tab.js";
import { INSTALL, PLACES, TAB_TEXTS, windowTitle } from "./pages.js";
import { type PageState, TABS } from "./settings.js";
import { SpeedTab } from "./speed/tab.js";
import type { TabProps } from "./tab-props.js";
import { TabList } from "./ui/tabs.js";
import { usePage } from "./use-page.js";

const PANELS: Readonly<Record<PageState["tab"], (props: TabProps) => JSX.Element>> = {
  explain: ExplainTab,
  landscape: LandscapeTab,
  digits: DigitsTab,
  speed: SpeedTab,
  code: CodeTab,
};

export function App(): JSX.Element {
  const { state, problems, change } = usePage();
  const { tab } = state;
  useFileDrop(() => change((present) => ({ ...present, tab: "digits" })));
  useEffect(() => {
    document.title = windowTitle(tab);
  }, [tab]);
  const Panel = PANELS[tab];
  return (
    <>
      <header class="site">
        <a class="brand" href="#tab=explain">
          <img src="favicon.svg" alt="" width="22" height="22" />
          rmsprop
        </a>
        <TabList
          names={TABS}
          titleOf={(name) => TAB_TEXTS[name].title}
          chosen={tab}
          choose={(tab) => change((present) => ({ ...present, tab }))}
        />
        <nav class="places" aria-label="Site">
          {PLACES.map(({ title, path }) => (
            <a key={title} href={path}>
              {title}
            </a>
          ))}
        </nav>
        <code class="install">{INSTALL}</code>
      </header>
      <main>
        <h1>{TAB_TEXTS[tab].headline}</h1>
        {problems.length > 0 && (
          <p class="notice" role="status">
            Some settings in this link were ignored: {problems.join("; ")}.
          </p>
        )}
        <div role="tabpanel" id="panel" aria-labelledby={`tab-${tab}`}>
          <Panel state={state} change={change} />
        </div>
      </main>
    </>
  );
}
