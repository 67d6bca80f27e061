// Start, pause, train again; how far the training is, and what went wrong with it.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type DigitsState, isOwnKind } from "../settings.js";
import type { EpochScore } from "./run.js";
import type { ContestantView } from "./training/contest.js";
import type { Held } from "./training/use-session.js";
import type { View } from "./training/worker.js";

interface TrainingProps extends Pick<Held, "view" | "isWaiting" | "failure" | "send"> {
  readonly digits: DigitsState;
}

const MS_PER_SECOND = 1000;

export function TrainingControls({ digits, view, isWaiting, failure, send }: TrainingProps): JSX.Element {
  const { contestants, epochs, ...course } = digits;
  const [isAsked, setAsked] = useState(false);
  const isTraining = view?.training ?? false;
  const isLoading = view === null && (isAsked || failure === null);
  const isDone = view !== null && !isTraining && isAllDone(view, epochs);
  const reset = (): Promise<void> => send("reset", contestants, course);
  const start = async (): Promise<void> => {
    setAsked(true);
    if (isDone) await reset();
    await send("train", epochs);
    setAsked(false);
  };
  return (
    <div class="training">
      {failure !== null && (
        <p class="error" role="alert">
          {failure}. Start tries again.
        </p>
      )}
      <div class="buttons">
        <button
          type="button"
          class="primary"
          disabled={isLoading}
          onClick={() => (isTraining ? send("pause") : start())}
        >
          {isTraining ? "Pause" : isDone ? "Train again" : "Start"}
        </button>
        <button type="button" disabled={view === null} onClick={reset}>
          Reset
        </button>
      </div>
      <Progress epochs={epochs} view={view} />
      <p class="quiet" role="status">
        {isLoading && "Loading TensorFlow.js …"}
        {isWaiting && "Settings changed: press Start to train with them. "}
        {!isLoading && view && computes(digits, view)}
      </p>
    </div>
  );
}

/** What trains, and on what. */
function computes({ engine, contestants }: DigitsState, { backend, gpu }: View): string {
  const isOnGpu = engine === "webgpu" && gpu?.found === true && contestants.some(({ kind }) => isOwnKind(kind));
  return isOnGpu ? `WebGPU computes on ${gpu.about}.` : `TensorFlow.js computes on ${backend}.`;
}

/** Those that can be trained: their settings were not refused. */
function runningIn(view: View | null): readonly ContestantView[] {
  return (view?.contestants ?? []).filter(({ error, scores }) => error === null && scores.length > 0);
}

function isAllDone(view: View, epochs: number): boolean {
  const running = runningIn(view);
  return running.length > 0 && running.every(({ scores }) => scores.length > epochs);
}

function Progress({ epochs, view }: Pick<TrainingProps, "view"> & { readonly epochs: number }): JSX.Element {
  const running = runningIn(view);
  const dones = running.map(({ scores, share }) => Math.min(epochs, scores.length - 1 + share));
  const total = Math.max(1, running.length * epochs);
  const done = dones.reduce((sum, each) => sum + each, 0);
  return (
    <p class="progress">
      <progress max={total} value={done} aria-label="Training" />{" "}
      <span id="epochs">{progressText(Math.floor(Math.min(epochs, ...dones)), epochs, view, running)}</span>
    </p>
  );
}

function progressText(epoch: number, epochs: number, view: View | null, running: readonly ContestantView[]): string {
  if (view === null) return "";
  if (running.length === 0) {
    const areRefused = view.contestants.every(({ error }) => error !== null);
    return areRefused ? "Neither can be trained with these settings." : "Preparing …";
  }
  if (epoch >= epochs) return "Done. Raise Epochs to train longer.";
  const ms = running.reduce((sum, { scores, share }) => sum + meanMs(scores) * (epochs + 1 - scores.length - share), 0);
  const left = ms > 0 && view.training ? `, ${Math.ceil(ms / MS_PER_SECOND)} s left` : "";
  return `Epoch ${epoch} of ${epochs}${left}`;
}

/** Of the epochs that were trained, or 0. */
function meanMs(scores: readonly EpochScore[]): number {
  return scores.reduce((sum, { ms }) => sum + ms, 0) / Math.max(1, scores.length - 1);
}
