// Whatever an optimizer's state becomes, it can be saved, loaded and gone on with, in every form and in every bit.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCheckpoint, type SavedArray, saveCheckpoint, Variable } from "rmsprop";
import { readCheckpoint, writeCheckpoint } from "rmsprop/node";
import { afterAll, expect, test, vi } from "vitest";
import { createRandom } from "../../examples/shared/random.js";
import { drawGradients, drawKind, type Kind, made, type Subject, setAnyState, step } from "../contract/any-state.js";
import { bitsOf, onEveryEngine, stateOf } from "../contract/support.js";
import { isWhole, SEED } from "../seed.js";

/** States of a run of the suite; `npm run test:random` and `npm run test:package` take more. */
const STATES = Number(process.env.RMSPROP_STATES ?? (isWhole ? 80 : 24));

const folder = mkdtempSync(join(tmpdir(), "rmsprop-"));
afterAll(() => rmSync(folder, { recursive: true }));
vi.spyOn(console, "warn").mockImplementation(() => undefined);

/** Nothing else than Variables was saved. */
const loaded = ({ optimizer, variables }: ReturnType<typeof loadCheckpoint>): Subject => {
  return { optimizer, variables: variables as Variable[] };
};
const copied = (kind: Kind, { variables }: Subject): Subject =>
  made(
    kind,
    variables.map(({ value }) => value),
  );

type Form = (from: Subject, kind: Kind) => Subject;

/** Each form of state, from one optimizer into another. */
const FORMS: readonly Form[] = [
  (from, kind) => {
    const to = copied(kind, from);
    to.optimizer.setWeights(from.optimizer.variables);
    return to;
  },
  (from, kind) => {
    const to = copied(kind, from);
    const store: Record<string, SavedArray> = {};
    from.optimizer.saveOwnVariables(store);
    to.optimizer.loadOwnVariables(store);
    return to;
  },
  ({ optimizer, variables }) => loaded(loadCheckpoint(saveCheckpoint(optimizer, variables))),
  ({ optimizer, variables }, kind) => {
    const to = made(kind);
    return loaded(loadCheckpoint(saveCheckpoint(optimizer, variables), to.optimizer, to.variables));
  },
];

/** It waits for the disk, so not every state goes through it. */
const throughFile: Form = ({ optimizer, variables }) => {
  const path = join(folder, "state.safetensors");
  writeCheckpoint(path, optimizer, variables);
  return loaded(readCheckpoint(path));
};

const state = ({ optimizer, variables }: Subject): string => JSON.stringify(stateOf(optimizer, variables));

function expectSame(subject: Subject, twins: readonly Subject[]): void {
  const expected = state(subject);
  for (const twin of twins) expect(state(twin)).toBe(expected);
}

function dispose({ optimizer, variables }: Subject): void {
  optimizer.dispose();
  for (const variable of variables) variable.dispose();
}

onEveryEngine(() => {
  test(`${STATES} random states go on in every bit from every form`, () => {
    const random = createRandom(14 + SEED);
    for (let i = 0; i < STATES; i++) {
      const kind = drawKind(random);
      const subject = made(kind);
      setAnyState(random, subject, kind);
      const gradients = () =>
        drawGradients(
          random,
          subject.variables.map(({ size }) => size),
        );
      for (let before = i % 3; before > 0; before--) step([subject], gradients());
      const twins = [...FORMS, ...(i % 20 === 0 ? [throughFile] : [])].map((form) => form(subject, kind));
      expectSame(subject, twins);
      for (let after = 0; after < 3; after++) step([subject, ...twins], gradients());
      expectSame(subject, twins);
      for (const each of [subject, ...twins]) dispose(each);
    }
  });

  test(`statelessApply gives of ${STATES} random states what apply gives, and leaves its optimizer as it was`, () => {
    const random = createRandom(15 + SEED);
    for (let i = 0; i < STATES; i++) {
      const kind = drawKind(random);
      const [subject, other] = [made(kind), made(kind)];
      for (const each of [subject, other]) setAnyState(random, each, kind);
      const before = state(other);
      const own = subject.optimizer.variables.map(({ shape, value }) => ({ shape, value: value.slice() }));
      const gradients = subject.variables.map(({ size, shape, dtype }) => {
        return new Variable(drawGradients(random, [size])[0] ?? [], { shape, dtype });
      });
      const [values, after] = other.optimizer.statelessApply(own, gradients, subject.variables);
      subject.optimizer.apply(gradients, subject.variables);
      expect([...values, ...after].map(bitsOf)).toEqual(
        [...subject.variables, ...subject.optimizer.variables].map(({ value }) => bitsOf(value)),
      );
      expect(state(other)).toBe(before);
      for (const each of [subject, other]) dispose(each);
      for (const gradient of gradients) gradient.dispose();
    }
  });
});
