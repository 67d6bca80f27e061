// A device that is watched: what it refuses, it tells later. It is kept here until somebody asks.

const FILTERS = ["validation", "out-of-memory", "internal"] as const;

export class WatchedDevice {
  readonly device: GPUDevice;
  readonly #pending = new Set<Promise<void>>();
  #refusal: string | null = null;
  #loss: string | null = null;

  constructor(device: GPUDevice) {
    this.device = device;
    device.lost.then(({ reason, message }) => {
      this.#loss = message || reason;
    });
  }

  /** Does something on the device; `what` is the subject of the message if the device refuses it. */
  watch<T>(what: string, act: () => T): T {
    for (const filter of FILTERS) this.device.pushErrorScope(filter);
    try {
      return act();
    } finally {
      for (const _ of FILTERS) this.#expect(what, this.device.popErrorScope());
    }
  }

  /** Resolves when the device has answered for all that was watched. Rejects with an Error if it has refused any of it. */
  async check(): Promise<void> {
    await Promise.all(this.#pending);
    if (this.#loss !== null) throw new Error(`The device was lost: ${this.#loss}`);
    const refusal = this.#refusal;
    this.#refusal = null;
    if (refusal !== null) throw new Error(refusal);
  }

  /** Resolves when the device has done all that was submitted. Rejects as `check` does. */
  async finish(): Promise<void> {
    // A device that is gone rejects it; `check` says why.
    await this.device.queue.onSubmittedWorkDone().catch(() => undefined);
    await this.check();
  }

  #expect(what: string, scope: Promise<GPUError | null>): void {
    const onError = (error: GPUError | null): void => {
      // What follows from the first is of no interest.
      if (error !== null) this.#refusal ??= `${what} was refused by the device: ${error.message}`;
    };
    // A device that is gone has no answer; `lost` tells why.
    const answered: Promise<void> = scope.then(onError, () => undefined).finally(() => this.#pending.delete(answered));
    this.#pending.add(answered);
  }
}
