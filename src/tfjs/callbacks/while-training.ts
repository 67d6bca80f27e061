// What lasts as long as a fit: TensorFlow.js tells no callback that a fit has thrown, but each ends by saying on the model
// that it does not train any more.
import type * as tfl from "@tensorflow/tfjs-layers";

/** The field in which a model says whether it trains. */
interface Trained {
  isTraining: boolean;
}

const waiting = new WeakMap<object, (() => void)[]>();

/**
 * Calls `end` once when the fit of this model ends or throws; the last that was asked for comes first. Of a model that is not in
 * a fit it is not called. Returns whether it will be.
 */
export function whenFitEnds(model: tfl.LayersModel, end: () => void): boolean {
  const trained = model as unknown as Trained; // the field is protected
  if (trained.isTraining !== true) return false;
  const before = waiting.get(model);
  if (before) before.push(end);
  else watch(trained, [end]);
  return true;
}

/** Puts an accessor in the place of the field until it is set to false. */
function watch(model: Trained, ends: (() => void)[]): void {
  waiting.set(model, ends);
  const set = (value: boolean): void => {
    if (value) return;
    waiting.delete(model);
    Object.defineProperty(model, "isTraining", { value, writable: true, enumerable: true, configurable: true });
    for (const end of ends.reverse()) end();
  };
  Object.defineProperty(model, "isTraining", { get: () => true, set, enumerable: true, configurable: true });
}
