// A box in which what is long scrolls, by keyboard, too.
import type { ComponentChildren, JSX } from "preact";

export function Scroll({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: not every browser lets keys scroll what has no focus
    <section class="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
