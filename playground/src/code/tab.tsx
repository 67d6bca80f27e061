// The tab Code: the settings of the page's optimizers as code to copy.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { isOwnKind, titleOf } from "../settings.js";
import type { TabProps } from "../tab-props.js";
import { SNIPPETS } from "./snippets.js";

export function CodeTab({ state }: TabProps): JSX.Element {
  const [said, say] = useState("");
  const runs = state.runs.flatMap((run, i) => (isOwnKind(run.kind) ? [{ run, number: i + 1 }] : []));
  const copy = async (text: string): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      say("Copied.");
    } catch {
      say("The browser does not let the page copy: select the code and copy it.");
    }
  };
  if (runs.length === 0) return <p>None of the optimizers is one of Keras: add one in the tab Landscape.</p>;
  return (
    <div class="code">
      <p class="said" role="status">
        {said}
      </p>
      {runs.map(({ run, number }) => (
        <section key={number} aria-labelledby={`code${number}`}>
          <h2 id={`code${number}`}>
            {number}. {titleOf(run)}
          </h2>
          {Object.entries(SNIPPETS).map(([title, write]) => (
            <section key={title} aria-label={`${title}, optimizer ${number}`}>
              <div class="buttons">
                <h3>{title}</h3>
                <button
                  type="button"
                  aria-label={`Copy: ${title}, optimizer ${number}`}
                  onClick={() => copy(write(run))}
                >
                  Copy
                </button>
              </div>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
              <pre tabIndex={0}>{write(run)}</pre>
            </section>
          ))}
        </section>
      ))}
    </div>
  );
}
