// `npm start`: reads the command line and says at once what will be done; TensorFlow.js is loaded after that.
import { reportRefusal } from "../shared/program.js";
import { parseOptions } from "./options.js";

const options = parseOptions(process.argv.slice(2));
console.log(`Trains a network on handwritten digits three times: with RMSprop, with tf.train.rmsprop, and with what only
this RMSprop has: cosine schedule, averages of the weights, weight decay. It takes about ten seconds ...
`);
const { compare } = await import("./compare.js");
await compare(options).catch(reportRefusal);
