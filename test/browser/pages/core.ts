// A page of a user of "rmsprop": what the tests call in it stands on `window`.
import * as rmsprop from "rmsprop";
import { train } from "./train.js";

declare global {
  interface Window {
    rmsprop: typeof rmsprop;
    train: typeof train;
  }
}

Object.assign(window, { rmsprop, train });
document.title = "ready";
