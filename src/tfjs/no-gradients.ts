// What "#gradients" of package.json is on Node, which cannot load TensorFlow.js' own module of them: nothing. tfjs-layers
// brings them along there.
export {};
