// Files that are dropped on the page, whichever tab is shown: a browser would open them, and leave the page.
import { useEffect, useRef, useState } from "preact/hooks";

type Take = (file: File) => void;

let taker: Take | null = null;
let waiting: File | null = null;

/** Hands every file that is dropped to whom `onDropped` knows; `open` shows the tab that reads it. */
export function useFileDrop(open: () => void): void {
  const latest = useRef(open);
  latest.current = open;
  useEffect(() => {
    const refuse = (event: DragEvent): void => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent): void => {
      refuse(event);
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      waiting = taker ? null : file;
      latest.current();
      taker?.(file);
    };
    addEventListener("dragover", refuse);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", refuse);
      removeEventListener("drop", drop);
    };
  }, []);
}

/** Calls `take` with the file that is waiting, and with those to come, until the function that is returned is called. */
export function onDropped(take: Take): () => void {
  const file = waiting;
  waiting = null;
  taker = take;
  if (file) take(file);
  return () => {
    if (taker === take) taker = null;
  };
}

/** Whether a file is being dragged over the page. */
export function useDragging(): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const follow = (event: DragEvent): void => {
      if (hasFiles(event)) setOver(event.type === "dragover");
    };
    const types = ["dragover", "dragleave", "drop"] as const;
    for (const type of types) addEventListener(type, follow);
    return () => {
      for (const type of types) removeEventListener(type, follow);
    };
  }, []);
  return isOver;
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
