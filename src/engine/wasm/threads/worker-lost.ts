// The error of a step, or before one, when a worker is gone.

/**
 * A worker thread has ended, or has stood still for so long that it was ended. Thrown by the step that cannot be finished
 * because of it, otherwise by the next one, before that has changed anything. Later steps go on with the threads left.
 */
export class WorkerLostError extends Error {
  override readonly name = "WorkerLostError";
  /** The threads that go on, this one included. */
  readonly threadsLeft: number;
  /** Whether it took rows of this step with it: then variables and slots may be half updated. Otherwise call it again. */
  readonly inDoubt: boolean;

  constructor(threadsLeft: number, inDoubt: boolean) {
    const state = inDoubt
      ? "The variables and slots of this step are in doubt: go back to the last saved state."
      : "No state is in doubt: this step has changed nothing. Call it again.";
    super(
      `rmsprop: a worker thread was lost. ${state} Later steps run on ${threadsLeft} ${threadsLeft === 1 ? "thread" : "threads"}.`,
    );
    this.threadsLeft = threadsLeft;
    this.inDoubt = inDoubt;
  }
}
