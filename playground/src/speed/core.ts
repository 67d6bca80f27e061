// The contenders of core: JavaScript, and WebAssembly by threads beside the limit of the same traffic.
import { RMSprop, setEngine, setThreads, Variable } from "rmsprop";
import { trafficOf } from "../../../bench/contenders/traffic.js";
import { type Contender, gradients, type Live, PARAMETERS, timed, weights } from "./contender.js";
import { scalarStep } from "./scalar.js";

/** Without WebAssembly, those of JavaScript only; why it is missing is told elsewhere. */
export function coreContenders(threads: number): Contender[] {
  const loop = async (): Promise<Live> => ({ time: timed(scalarStep(PARAMETERS)), dispose: () => undefined });
  const javascript: Contender[] = [
    { name: "JavaScript loop", kind: "step", create: loop },
    { name: "rmsprop, JavaScript", kind: "step", create: () => onEngine("js", 1, rmspropStep) },
  ];
  if (!hasWebAssembly()) return javascript;
  const counts = crossOriginIsolated ? [1, 2, threads].filter((count) => count <= threads) : [1];
  return [...javascript, ...[...new Set(counts)].flatMap(withThreads)];
}

function withThreads(count: number): Contender[] {
  const label = count === 1 ? "1 thread" : `${count} threads`;
  const limit: CreateStep = (variable, gradient) => trafficOf(variable, gradient, 1);
  return [
    { name: `rmsprop, WebAssembly, ${label}`, kind: "step", create: () => onEngine("wasm", count, rmspropStep) },
    { name: `limit: the same traffic, ${label}`, kind: "limit", create: () => onEngine("wasm", count, limit) },
  ];
}

function hasWebAssembly(): boolean {
  return setEngine("auto") === "wasm";
}

type CreateStep = (variable: Variable, gradient: Variable) => () => void;

const rmspropStep: CreateStep = (variable, gradient) => {
  const optimizer = new RMSprop();
  optimizer.build([variable]);
  return () => optimizer.apply([gradient]);
};

async function onEngine(engine: "js" | "wasm", threads: number, create: CreateStep): Promise<Live> {
  setEngine(engine);
  const running = engine === "js" ? threads : await setThreads(threads);
  if (running !== threads) throw new Error(`This browser runs ${running} of ${threads} threads.`);
  const [variable, gradient] = [new Variable(weights()), new Variable(gradients())];
  return {
    time: timed(create(variable, gradient)),
    dispose: () => {
      variable.dispose();
      gradient.dispose();
    },
  };
}
