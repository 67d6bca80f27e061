// `npm run start:cartpole`: reads the command line and says at once what will be done; TensorFlow.js is loaded after that.
import { reportRefusal } from "../shared/program.js";
import { parseOptions } from "./options.js";

const options = parseOptions(process.argv.slice(2));
console.log("Learns to balance a pole on a cart by deep Q-learning, with centered RMSprop ...\n");
const { learnToBalance } = await import("./learn.js");
await learnToBalance(options).catch(reportRefusal);
