// One program in colours, with a button that copies it and says so beside itself.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { tokensOf } from "./highlight.js";

const COPIED = "Copied.";
const REFUSED = "The browser refused to copy. The code is selected: copy it from there.";
/** How long it is said, in milliseconds. */
const SAID_MS = 4000;

export function Snippet({ title, text }: { readonly title: string; readonly text: string }): JSX.Element {
  const code = useRef<HTMLPreElement>(null);
  const [said, say] = useState("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => say(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      say(COPIED);
    } catch {
      if (code.current) getSelection()?.selectAllChildren(code.current);
      say(REFUSED);
    }
  };
  return (
    <section class="snippet" aria-label={title}>
      <h3>{title}</h3>
      <div class="copy">
        <button type="button" aria-label={`Copy: ${title}`} onClick={copy}>
          Copy
        </button>
        <span role="status">{said}</span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <pre ref={code} tabIndex={0}>
        {tokensOf(text, title.startsWith("Python") ? "Python" : "TypeScript").map(({ kind, text }, i) =>
          kind === "" ? (
            text
          ) : (
            <span key={i} class={kind}>
              {text}
            </span>
          ),
        )}
      </pre>
    </section>
  );
}
