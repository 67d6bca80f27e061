// Each face has a class for each optimizer of the list.

import * as plain from "rmsprop";
import * as jax from "rmsprop/jax";
import * as tfjs from "rmsprop/tfjs";
import * as webgpu from "rmsprop/webgpu";
import { expect, test } from "vitest";
import { OPTIMIZERS } from "../../src/optimizers/index.js";

const FACES: Readonly<Record<string, object>> = { jax, rmsprop: plain, tfjs, webgpu };

test.each(Object.entries(FACES))("%s exports every optimizer of the list, made of its definition", (_, face) => {
  const exported = new Map(Object.entries(face));
  const { defineOptimizer } = face as { defineOptimizer(definition: object): unknown };
  for (const definition of OPTIMIZERS) expect(exported.get(definition.className)).toBe(defineOptimizer(definition));
});

test("jax-js has pure functions for every optimizer of the list", () => {
  const names = OPTIMIZERS.map(({ className }) => className.toLowerCase());
  expect(Object.keys(jax)).toEqual(expect.arrayContaining(names));
});
