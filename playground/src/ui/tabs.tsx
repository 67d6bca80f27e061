// A row of tabs and the panel of the chosen one, as the ARIA pattern has them: arrows move, one tab takes the focus.
import type { ComponentChildren, JSX } from "preact";

interface TabsProps<Name extends string> {
  readonly names: readonly Name[];
  readonly titles: Readonly<Record<Name, string>>;
  readonly chosen: Name;
  readonly children: ComponentChildren;
  choose(name: Name): void;
}

export function Tabs<Name extends string>({ names, titles, chosen, choose, children }: TabsProps<Name>): JSX.Element {
  const move = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };
    const step = steps[event.key];
    const next = step && names[(names.indexOf(chosen) + step + names.length) % names.length];
    if (!next) return;
    choose(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <>
      <div role="tablist" aria-label="Parts of the page" onKeyDown={move}>
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
            {titles[name]}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="panel" aria-labelledby={`tab-${chosen}`}>
        {children}
      </div>
    </>
  );
}
