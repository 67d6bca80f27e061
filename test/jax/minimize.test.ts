import { numpy as np } from "@jax-js/jax";
import { RMSprop, Variable } from "rmsprop/jax";
import { expect, test } from "vitest";
import { onSomeBackend } from "./backends.js";

onSomeBackend(() => {
  test.each(["jax", "core"] as const)("the example of Keras' page prints 9.683772 on engine %s", (engine) => {
    const v = new Variable(10);
    const optimizer = new RMSprop({ learningRate: 0.1 }, engine);
    const loss = () => np.square(v.ref).div(2);
    expect(optimizer.minimize(loss, [v])).toBe(50);
    expect(`${v}`).toBe("9.683772");
    optimizer.dispose();
    v.dispose();
  });
});
