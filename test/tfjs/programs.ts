// Random programs of clones, snapshots, assignments and steps, and everything that they can see.
import * as tf from "@tensorflow/tfjs-core";
import { RMSprop, type RMSpropOptions } from "rmsprop/tfjs";
import fc from "../property.js";
import { bits, variable } from "./backends.js";

type Action =
  | { readonly kind: "step"; readonly gradient: "new" | "itself" | "other" | "clone" | "held"; readonly at: number }
  | { readonly kind: "clone" | "reshape" | "read" | "matMul"; readonly at: number }
  | { readonly kind: "assign"; readonly at: number; readonly from: "new" | "held" | "other" }
  | { readonly kind: "dispose"; readonly at: number };

const at = fc.nat(1);
const ACTIONS: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("step" as const), gradient: gradients(), at }) },
  fc.record({ kind: fc.constantFrom("clone" as const, "reshape" as const, "read" as const, "matMul" as const), at }),
  fc.record({
    kind: fc.constant("assign" as const),
    at,
    from: fc.constantFrom("new" as const, "held" as const, "other" as const),
  }),
  fc.record({ kind: fc.constant("dispose" as const), at: fc.nat(9) }),
);

function gradients(): fc.Arbitrary<"new" | "itself" | "other" | "clone" | "held"> {
  return fc.constantFrom("new", "itself", "other", "clone", "held");
}

const OPTIONS: readonly RMSpropOptions[] = [
  {},
  { momentum: 0.9, useEma: true },
  { centered: true, clipvalue: 0.5, gradientAccumulationSteps: 2 },
];

/** Options of an optimizer, and what is done with it. */
export const PROGRAMS: fc.Arbitrary<[RMSpropOptions, Action[]]> = fc.tuple(
  fc.constantFrom(...OPTIONS),
  fc.array(ACTIONS, { minLength: 3, maxLength: 25 }),
);

/** The bits of everything that a program can see after each of its actions. */
export async function seen(options: RMSpropOptions, actions: readonly Action[], fused: boolean): Promise<string[]> {
  tf.env().set("RMSPROP_FUSED", fused);
  const optimizer = new RMSprop({ learningRate: 0.1, ...options });
  const init = tf.tensor2d([1, -2, 3, -4], [2, 2]);
  const variables = [
    tf.variable(init),
    variable([
      [0.5, 1.5],
      [2.5, -3.5],
    ]),
  ] as const; // the first shares with `init`
  const held: tf.Tensor[] = [init];
  const log: string[] = [];
  for (const [i, action] of actions.entries()) {
    const own = variables[("at" in action ? action.at : 0) % 2] as tf.Variable;
    const other = variables[(action.at + 1) % 2] as tf.Variable;
    const square = held.findLast((tensor) => tensor.shape.length === 2) ?? own;
    const fresh = () => tf.tensor2d([1, -1, i, 0.25], [2, 2]);
    const sources = { new: fresh, itself: () => own, other: () => other, clone: () => own.clone(), held: () => square };
    if (action.kind === "read") log.push(await bitsNow(own));
    const products = tf.tidy((): tf.Tensor[] => {
      if (action.kind === "step") optimizer.apply([sources[action.gradient](), fresh()], [own, other]);
      if (action.kind === "clone") held.push(tf.keep(own.clone()));
      if (action.kind === "reshape") held.push(tf.keep(tf.reshape(own, [4])));
      if (action.kind === "assign" && (action.from !== "held" || square !== own)) own.assign(sources[action.from]());
      return action.kind === "matMul" ? [tf.matMul(fresh(), own as tf.Variable<tf.Rank.R2>)] : [];
    });
    for (const product of products) log.push(await bitsNow(product));
    tf.dispose(products);
    if (action.kind === "dispose" && held.length > 1) held.splice(action.at % held.length, 1)[0]?.dispose();
    for (const tensor of [...variables, ...held]) log.push(await bitsNow(tensor));
  }
  for (const made of [optimizer, ...variables, ...held]) made.dispose();
  tf.env().set("RMSPROP_FUSED", true);
  return log;
}

const bitsNow = async (tensor: tf.Tensor): Promise<string> => bits(await tensor.data());
