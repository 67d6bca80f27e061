/** Files of Keras from and into a model of TensorFlow.js. @module rmsprop/keras/tfjs */
// A subpath of its own, so that whoever reads files without TensorFlow.js need not have it.
export { type Loaded, type LoadOptions, loadWeights } from "./load.js";
export { saveWeights } from "./save.js";
