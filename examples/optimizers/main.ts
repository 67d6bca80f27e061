// `npm run start:optimizers`: says at once what will be done; TensorFlow.js and jax-js are loaded after that.

console.log("Walks down x² / 2 with one definition of Yogi, an optimizer of our own, on three kinds of arrays ...\n");
const { arrays, core, tensors } = await import("./faces.js");
console.table({ core: core(), "TensorFlow.js": tensors(), "jax-js": await arrays() });
