// What a suite of TensorFlow.js leaves of its variables is gone before the next one in its process begins.
import { disposeVariables } from "@tensorflow/tfjs-core";
import { afterAll } from "vitest";

afterAll(disposeVariables);
