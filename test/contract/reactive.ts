// Frameworks for user interfaces that wrap the objects of a state in proxies, each as a function from a state to what a
// program gets of it.
import { reactive, readonly, ref } from "@vue/reactivity";
import { proxy, snapshot } from "valtio/vanilla";

type Wrap = <T extends object>(state: T) => T;

export const FRAMEWORKS: Readonly<Record<string, Wrap>> = {
  "Vue's reactive": (state) => reactive(state) as typeof state,
  "Vue's ref": (state) => ref(state).value as typeof state,
  "Vue's readonly": (state) => readonly(state) as typeof state,
  "valtio's proxy": (state) => proxy(state),
  "valtio's snapshot": (state) => snapshot(proxy(state)) as typeof state,
};
