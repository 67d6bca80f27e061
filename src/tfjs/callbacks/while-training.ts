// What lasts as long as a fit: TensorFlow.js tells no callback that a fit has thrown, but each ends by saying on the model
// that it does not train any more.

/** The field in which a model says whether it trains; it is protected. */
const FIELD = "isTraining";

const waiting = new WeakMap<object, (() => void)[]>();

/** Whether a fit of this model has begun and not ended. */
export const isTraining = (model: object): boolean => Reflect.get(model, FIELD) === true;

/**
 * Calls `end` once when the fit of this model ends or throws; the last that was asked for comes first. Of a model that is not in
 * a fit it is not called. Returns whether it will be.
 */
export function whenFitEnds(model: object, end: () => void): boolean {
  if (!isTraining(model)) return false;
  const before = waiting.get(model);
  if (before) before.push(end);
  else watch(model, [end]);
  return true;
}

/** Puts an accessor in the place of the field until it is set to false. */
function watch(model: object, ends: (() => void)[]): void {
  waiting.set(model, ends);
  const own = Object.getOwnPropertyDescriptor(model, FIELD) ?? { value: true, writable: true, enumerable: true };
  const set = (value: boolean): void => {
    if (value) return;
    waiting.delete(model);
    Object.defineProperty(model, FIELD, { ...own, configurable: true });
    Reflect.set(model, FIELD, value); // also the accessor of another copy of this package, which was there before
    for (const end of ends.reverse()) end();
  };
  Object.defineProperty(model, FIELD, { get: () => true, set, enumerable: true, configurable: true });
}
