// `npm run start:jax`: says at once what will be done; jax-js is loaded after that.

console.log("Trains a network on handwritten digits with jax-js and rmsprop/jax: without momentum, and with it ...\n");
const { compare } = await import("./compare.js");
await compare();
