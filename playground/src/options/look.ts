// Which step of a picture is looked at: the one under a mouse or a finger, or the one that keys have led to.
import type { HTMLAttributes, TargetedPointerEvent } from "preact";
import { useState } from "preact/hooks";
import type { Pair } from "../explain/story/paths.js";
import { soughtStep } from "../ui/sought-step.js";

export interface Look {
  /** Null where none is: then the last one is told. */
  readonly step: number | null;
  look(step: number | null): void;
}

export function useLook(): Look {
  const [step, look] = useState<number | null>(null);
  return { step, look };
}

/** What a picture is to its visitors: a slider over its steps, whose value is said in words. */
interface Looked extends Look {
  readonly last: number;
  readonly label: string;
  /** The numbers at the step that is told. */
  readonly spoken: string;
  /** The step that a pixel of the picture means, or null. */
  stepAt(pixel: Pair): number | null;
}

export function lookedAt({ step, look, last, label, spoken, stepAt }: Looked): HTMLAttributes<HTMLDivElement> {
  const point = ({ currentTarget, clientX, clientY }: TargetedPointerEvent<HTMLDivElement>): void => {
    const { left, top } = currentTarget.getBoundingClientRect();
    look(stepAt({ x: clientX - left - currentTarget.clientLeft, y: clientY - top - currentTarget.clientTop }));
  };
  const told = step ?? last;
  return {
    role: "slider",
    tabIndex: 0,
    ...{ "aria-label": label, "aria-valuemin": 0, "aria-valuemax": last, "aria-valuenow": told },
    "aria-valuetext": `Step ${told}. ${spoken}`,
    onPointerDown: point,
    onPointerMove: point,
    // What a finger has pointed at stays to be read.
    onPointerLeave: ({ pointerType }) => pointerType === "mouse" && look(null),
    onBlur: () => look(null),
    onKeyDown: (event) => {
      const sought = soughtStep(event, told, last);
      if (sought !== undefined) look(sought);
    },
  };
}
