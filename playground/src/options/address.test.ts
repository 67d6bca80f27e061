// The controls of the pictures in the address: what it says comes back, and what makes no sense is refused.
import { expect, test } from "vitest";
import { fromFragment, toFragment } from "../address.js";
import { INITIAL } from "../settings.js";
import { STORY_NAMES, storyOf } from "./stories.js";

const PLACES = STORY_NAMES.flatMap((name) =>
  storyOf(name).control.places.map((text, place) => ({ name, text, place })),
);

test.each(PLACES)("$name at $text comes back from the address", ({ name, place }) => {
  const isInitial = place === storyOf(name).control.initial;
  const state = { ...INITIAL, pictures: isInitial ? {} : { [name]: place } };
  expect(fromFragment(`#${toFragment(state)}`)).toEqual({ state, problems: [] });
});

test("two pictures are two words", () => {
  expect(toFragment({ ...INITIAL, pictures: { momentum: 0, centered: 0 } })).toBe(
    "tab=explain&option=momentum%3A0.3&option=centered%3Aoff",
  );
});

test.each(["momentum:2", "momentum", "rho:0.9", "__proto__:1", ""])("option=%s is refused", (text) => {
  const { state, problems } = fromFragment(`option=${encodeURIComponent(text)}`);
  expect(state.pictures).toEqual({});
  expect(problems).toEqual([expect.stringMatching(/^option cannot be/)]);
});
