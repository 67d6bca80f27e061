// Writes checkpoints until it is killed: after step n every weight is n.
import { join } from "node:path";
import { RMSprop, Variable } from "rmsprop";
import { writeCheckpoint } from "rmsprop/node";

const [folder = "", last] = process.argv.slice(2);
const optimizer = new RMSprop({ learningRate: 0 });
const weights = new Variable(new Float32Array(20_000).fill(Number(last)));
const gradient = new Variable(new Float32Array(weights.size));
optimizer.build([weights]);
optimizer.setWeights(optimizer.variables.map(({ value }, i) => (i === 0 ? [Number(last)] : value)));
for (let step = Number(last) + 1; ; step++) {
  optimizer.apply([gradient]);
  weights.assign(new Float32Array(weights.size).fill(step));
  const path = join(folder, `step-${step}.safetensors`);
  writeCheckpoint(path, optimizer, [weights], { step: String(step) }, { keep: 3 });
  if (step === Number(last) + 1) process.send?.("written");
}
