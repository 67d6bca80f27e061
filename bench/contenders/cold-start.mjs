// Run by cold.ts in a process of its own, as plain JavaScript, so that nothing but the package is loaded.
import { RMSprop, Variable } from "rmsprop";

const variable = new Variable(new Float32Array(1000).fill(1));
const gradient = new Variable(new Float32Array(1000).fill(0.5));
const start = performance.now();
new RMSprop().apply([gradient], [variable]);
const milliseconds = performance.now() - start;
process.send(milliseconds);
