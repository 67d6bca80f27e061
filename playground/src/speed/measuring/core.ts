// The contenders of core: JavaScript, and WebAssembly by threads beside the limit of the same traffic.
import { RMSprop, setEngine, setThreads, Variable } from "rmsprop";
import { trafficOf } from "../../../../bench/contenders/traffic.js";
import { BYTES_PER_PARAMETER } from "../contenders.js";
import { type Contender, gradients, type Live, PARAMETERS, timed, weights } from "./contender.js";
import { scalarStep } from "./scalar.js";

/** Without WebAssembly, those of JavaScript beside a copy; why it is missing is told elsewhere. */
export function coreContenders(threads: number): Contender[] {
  const loop = async (): Promise<Live> => ({ time: timed(scalarStep(PARAMETERS)), dispose: () => undefined });
  const javascript: Contender[] = [
    { word: "loop", create: loop },
    { word: "js", create: () => onEngine("js", 1, rmspropStep) },
  ];
  if (!hasWebAssembly()) return [...javascript, { word: "copy", create: copy }];
  const counts = crossOriginIsolated ? [1, 2, threads].filter((count) => count <= threads) : [1];
  return [...javascript, ...[...new Set(counts)].flatMap(withThreads)];
}

function withThreads(count: number): Contender[] {
  const limit: CreateStep = (variable, gradient) => trafficOf(variable, gradient, 1);
  return [
    { word: `wasm${count}`, create: () => onEngine("wasm", count, rmspropStep) },
    { word: `traffic${count}`, create: () => onEngine("wasm", count, limit) },
  ];
}

export function hasWebAssembly(): boolean {
  return setEngine("auto") === "wasm";
}

/** Reads and writes as many bytes as a step: the limit that JavaScript can measure by itself. */
async function copy(): Promise<Live> {
  const source = new Uint8Array((PARAMETERS * BYTES_PER_PARAMETER) / 2).fill(1);
  const target = new Uint8Array(source.length);
  return { time: timed(() => target.set(source)), dispose: () => undefined };
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
