// `npm run start:optimizers`: the same definition on three kinds of arrays, step by step.
import { arrays, core, tensors } from "./faces.js";

console.table({ core: core(), "TensorFlow.js": tensors(), "jax-js": await arrays() });
