/** Everything that needs nothing but JavaScript: optimizers over numbers in memory. @module rmsprop */
// What it shares with the other faces is in core/.

export { setThreads } from "../engine/threads.js";
export * from "./everywhere.js";
