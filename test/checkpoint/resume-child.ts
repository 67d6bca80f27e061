// The other process of resume.test.ts: loads a checkpoint, trains on, and prints the state.
import { readFileSync } from "node:fs";
import { loadCheckpoint } from "rmsprop";
import { Run } from "./run.js";

const [file = "", from, steps] = process.argv.slice(2);
const { optimizer, variables } = loadCheckpoint(readFileSync(file));
const run = new Run(optimizer, variables);
run.train(Number(from), Number(steps));
console.log(JSON.stringify(run.state()));
