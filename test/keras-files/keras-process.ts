// A process of real Keras that makes files, waits until it is told that others have been written, and checks those.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("./hand_over.py", import.meta.url));

/** JAX keeps what it has compiled for a model, and takes it for the same model again. */
const COMPILES_ONCE = {
  ...{ JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS: "0", JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES: "-1" },
  XLA_FLAGS: "--xla_backend_optimization_level=0",
};

/** `hand_over.py` on a backend: all of its cases, or these. */
export class KerasProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown[]>;
  #errors = "";

  constructor(python: string, folder: string, backend: string, cases: readonly string[]) {
    const cache = { JAX_COMPILATION_CACHE_DIR: join(folder, "compiled"), ...COMPILES_ONCE };
    const env = { ...process.env, ...cache, KERAS_BACKEND: backend, TF_CPP_MIN_LOG_LEVEL: "3" };
    this.#child = spawn(python, ["-B", SCRIPT, folder, ...cases], { env });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-3000);
    });
    this.#ended = once(this.#child, "close");
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Waits until its files are made. */
  async made(): Promise<void> {
    for (let line = await this.#lines.next(); !line.done; line = await this.#lines.next()) {
      if (line.value === "made") return;
    }
    await this.#succeeded();
  }

  /** Tells it that the files are written; the lines that it prints then. */
  async checked(): Promise<string[]> {
    this.#child.stdin.end("written\n");
    const lines: string[] = [];
    for (let line = await this.#lines.next(); !line.done; line = await this.#lines.next()) lines.push(line.value);
    await this.#succeeded();
    return lines;
  }

  /** Ends it, whatever it does. */
  async end(): Promise<void> {
    this.#child.kill();
    await this.#ended;
  }

  async #succeeded(): Promise<void> {
    const [status] = await this.#ended;
    if (status !== 0) throw new Error(`hand_over.py ended with ${status}:\n${this.#errors}`);
  }
}
