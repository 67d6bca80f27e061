// A row of tabs, as the ARIA pattern has them: arrows, Home and End move, one tab takes the focus. The panel has the id "panel".
import type { JSX } from "preact";

interface TabsProps<Name extends string> {
  readonly names: readonly Name[];
  readonly chosen: Name;
  titleOf(name: Name): string;
  choose(name: Name): void;
}

export function TabList<Name extends string>({ names, titleOf, chosen, choose }: TabsProps<Name>): JSX.Element {
  const move = (event: KeyboardEvent): void => {
    const at = names.indexOf(chosen);
    const targets: Readonly<Record<string, number>> = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 };
    const target = targets[event.key];
    const next = target === undefined ? undefined : names.at(target % names.length);
    if (!next) return;
    event.preventDefault();
    choose(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Parts of the page" onKeyDown={move}>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-selected={name === chosen}
          aria-controls="panel"
          tabIndex={name === chosen ? 0 : -1}
          onClick={() => choose(name)}
        >
          {titleOf(name)}
        </button>
      ))}
    </div>
  );
}
