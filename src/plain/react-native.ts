// "rmsprop" for React Native, by the export condition `react-native`: without workers.

export { setOneThread as setThreads } from "../engine/no-threads.js";
export * from "./everywhere.js";
