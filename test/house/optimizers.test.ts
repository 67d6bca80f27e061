// Each face has a class for each optimizer of the list.

import * as plain from "rmsprop";
import * as jax from "rmsprop/jax";
import * as tfjs from "rmsprop/tfjs";
import * as webgpu from "rmsprop/webgpu";
import { expect, test } from "vitest";
import { checkRule } from "../../src/core/run/check-rule.js";
import { ruleOf, type Values } from "../../src/optimizers/definition.js";
import { OPTIMIZERS } from "../../src/optimizers/index.js";

const FACES: Readonly<Record<string, object>> = { jax, rmsprop: plain, tfjs, webgpu };

test.each(Object.entries(FACES))("%s exports every optimizer of the list, made of its definition", (_, face) => {
  const exported = new Map(Object.entries(face));
  const { defineOptimizer } = face as { defineOptimizer(definition: object): unknown };
  for (const definition of OPTIMIZERS) expect(exported.get(definition.className)).toBe(defineOptimizer(definition));
});

test("jax-js has pure functions for every optimizer of the list", () => {
  const names = OPTIMIZERS.map(({ className }) => className.toLowerCase());
  const functions = Object.keys(jax).filter((name) => /^[a-z]/.test(name));
  expect(functions.map((name) => name.toLowerCase())).toEqual(expect.arrayContaining(names));
});

/** Every combination of two values of each option: the default, and another one. */
function allValues(options: (typeof OPTIMIZERS)[number]["options"]): Values[] {
  return Object.entries(options).reduce<Values[]>(
    (known, [name, option]) => {
      const other = typeof option.default === "boolean" ? !option.default : option.default === 0 ? 0.5 : 0;
      const both = "oneOf" in option ? option.oneOf : [option.default, other];
      return known.flatMap((values) => both.map((value) => ({ ...values, [name]: value })));
    },
    [{}],
  );
}

test.each(OPTIMIZERS.map((definition) => [definition.className, definition] as const))(
  "the rules of %s, which nobody tries at run time, declare what they read and return",
  (_, definition) => {
    const rules = new Set(
      allValues(definition.options).map((values) => {
        const rule = ruleOf(definition, values);
        expect(() => checkRule(definition, values, rule, definition.constants?.(values) ?? {})).not.toThrow();
        return rule;
      }),
    );
    expect(rules.size).toBeGreaterThan(0);
  },
);
