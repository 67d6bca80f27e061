// Writes one path and a series, as others do at the same time, until it is killed: in each file all weights are one number.
import { join } from "node:path";
import { RMSprop, Variable } from "rmsprop";
import { writeCheckpoint } from "rmsprop/node";

const [folder = "", id = ""] = process.argv.slice(2);
const optimizer = new RMSprop();
const weights = new Variable(new Float32Array(20_000), { name: "weights" });
optimizer.build([weights]);
for (let step = 1; ; step++) {
  weights.assign(new Float32Array(weights.size).fill(Number(id) * 1e6 + step));
  writeCheckpoint(join(folder, "one.safetensors"), optimizer, [weights]);
  writeCheckpoint(join(folder, `step-${Date.now()}.safetensors`), optimizer, [weights], {}, { keep: 3 });
  if (step === 1) process.send?.("writes");
}
