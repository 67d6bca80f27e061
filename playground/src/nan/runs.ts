// Centered RMSprop by three formulas, step by step, in the float32 numbers that core computes: this package's own class, and
// those of Keras and tf.train.rmsprop as rules over `Ops`.
import { setEngine, Variable } from "rmsprop";
import { createOptimizer } from "../landscape/optimizers.js";
import { type OptionValue, settingsOf } from "../settings.js";
import { LEARNING_RATE, type NanRuns, type NanSettings, type NanStep, type Who } from "./state.js";

const f = Math.fround;

export function nanRuns(settings: NanSettings): NanRuns {
  // One number: nothing is worth compiling.
  setEngine("js");
  return { keras: run("keras", settings), tfjs: run("tfjs", settings), rmsprop: run("rmsprop", settings) };
}

function run(who: Who, { gradient, rho, epsilon, clipvalue, centered, steps }: NanSettings): readonly NanStep[] {
  const options: Record<string, OptionValue> = { learningRate: LEARNING_RATE, rho, epsilon, centered };
  // tf.train.rmsprop clips nothing: there the gradient is clipped before it is passed on.
  const given = who === "tfjs" && clipvalue !== null ? Math.min(gradient, clipvalue) : gradient;
  const optimizer = createOptimizer(settingsOf(who, who === "tfjs" ? options : { ...options, clipvalue }));
  const variable = new Variable(0);
  optimizer.build([variable]);
  const slot = (name: RegExp) => optimizer.variables.find((found) => name.test(found.name));
  const [velocity, average] = [slot(/_velocity$/), slot(/_average_?gradient$/i)];
  const numberIn = (of: typeof velocity): number | null => of?.value[0] ?? null;
  let weight = 0;
  const made = Array.from({ length: steps }, () => {
    // From zero, where the variable becomes the step itself; the rule reads no variable.
    variable.assign(0);
    optimizer.apply([[given]]);
    const step = variable.item();
    weight = f(weight + step);
    return { ...under(who, numberIn(velocity) ?? Number.NaN, numberIn(average), f(epsilon)), step, weight };
  });
  optimizer.dispose();
  variable.dispose();
  return made;
}

/** What stands under the root, by each formula; the test asks whether the steps are those of such a root. */
function under(who: Who, meanSquare: number, mean: number | null, epsilon: number): Omit<NanStep, "step" | "weight"> {
  const squaredMean = mean === null ? 0 : f(mean * mean);
  const difference = f(meanSquare - squaredMean);
  const sum = f(difference + epsilon);
  const underRoot: Readonly<Record<Who, number>> = {
    keras: sum,
    tfjs: mean === null ? sum : f(meanSquare - f(squaredMean + epsilon)),
    rmsprop: mean === null || sum > 0 ? sum : epsilon,
  };
  return { meanSquare, mean, squaredMean, difference, underRoot: underRoot[who] };
}
