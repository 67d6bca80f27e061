// `npm run handoff`: reads the command line and says at once what will be done; TensorFlow.js is loaded after that.
import { reportRefusal } from "../shared/program.js";
import { parseOptions } from "./options.js";

const options = parseOptions();
console.log("Hands runs over between TypeScript and real Keras, and compares all bits on each side ...");
const { handOver } = await import("./hand-over.js");
await handOver(options).catch(reportRefusal);
