// What a device reports: later than the call that caused it, so it is kept and thrown by the next one.

import { reasonOf } from "../../check/built-ins.js";

/** What went wrong on a device: it is gone, has no memory, or refused what it was given. */
export type GpuErrorReason = "lost" | "out-of-memory" | "validation" | "internal";

/** Thrown when a device is lost, has no memory left or refuses a buffer. */
export class GpuError extends Error {
  override readonly name = "GpuError";
  readonly reason: GpuErrorReason;

  constructor(reason: GpuErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

const REMEDIES: Readonly<Record<GpuErrorReason, string>> = {
  lost: "Make a new device, variables and optimizer, and load the state that was saved last.",
  "out-of-memory": "Dispose of this optimizer, and of what else is not needed, and make it again.",
  validation: "Pass buffers of the optimizer's device that were not destroyed.",
  internal: "Make a new device.",
};

const inSentence = (message: string): string => message.trim().replace(/\s+/g, " ").replace(/\.$/, "");

const MOMENT_MS = 100;
const SCOPES = ["validation", "out-of-memory"] as const;

/** The errors of one optimizer or variable that no call has thrown yet. @internal */
export class Reports {
  readonly device: GPUDevice;
  readonly owner: string;
  readonly #expected = new Set<Promise<unknown>>();
  #errors: GpuError[] = [];

  constructor(device: GPUDevice, owner: string) {
    this.device = device;
    this.owner = owner;
  }

  /** Does something that the device may refuse later; `what` is the subject of the message. */
  watch<T>(what: string, act: () => T): T {
    for (const scope of SCOPES) this.device.pushErrorScope(scope);
    try {
      return act();
    } finally {
      for (const scope of [...SCOPES].reverse()) {
        this.expect(this.device.popErrorScope(), (error) => this.add(what, error, scope));
      }
    }
  }

  /** Calls `onError` when the scope had caught something. */
  expect(scope: Promise<GPUError | null>, onError: (error: GPUError) => void): void {
    // It is rejected when the device is lost, which is told by `lost`.
    const done: Promise<unknown> = scope
      .then(
        (error) => error && onError(error),
        () => undefined,
      )
      .finally(() => {
        this.#expected.delete(done);
      });
    this.#expected.add(done);
  }

  /** Keeps a refusal for the next call. */
  add(what: string, { message }: GPUError, reason: GpuErrorReason = "validation"): void {
    const problem = `${what} was refused by the device (${inSentence(message)})`;
    this.#errors.push(this.error(reason, problem));
  }

  /** Throws the first error that was reported, once; what follows from it is dropped. */
  throwFirst(): void {
    const [first] = this.#errors;
    this.#errors = [];
    if (first !== undefined) throw first;
  }

  /** An error of this device, in the name of its owner. */
  error(reason: GpuErrorReason, problem: string, remedy: string = REMEDIES[reason], cause?: unknown): GpuError {
    const options = cause === undefined ? undefined : { cause };
    return new GpuError(reason, `${this.owner}: ${problem}. ${remedy}`, options);
  }

  /** The error of a device that was lost. */
  lostError({ reason, message }: GPUDeviceLostInfo): GpuError {
    const text = [reason, inSentence(message)].filter(Boolean).join(": ");
    return this.error("lost", `the device was lost (${text})`);
  }

  /** What a promise of the device was rejected for: mostly the loss of the device, which it may tell a moment later. */
  async errorOf(cause: unknown): Promise<unknown> {
    if (cause instanceof GpuError) return cause;
    const moment = new Promise<null>((resolve) => setTimeout(resolve, MOMENT_MS, null));
    const lost = await Promise.race([this.device.lost, moment]);
    if (lost !== null) return this.lostError(lost);
    return this.error("internal", `the device failed (${reasonOf(cause)})`, REMEDIES.internal, cause);
  }

  /** When the device has said all about what was done so far. */
  async answered(): Promise<void> {
    await Promise.all(this.#expected);
  }
}
