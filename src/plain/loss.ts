// What a loss function gives `minimize`, where nothing is differentiated.
import type { EvaluatedLoss } from "../core/loss.js";
import type { Gradient } from "./inputs/gradients.js";

/** The loss now, and its gradients: those of the loss itself, without any scale. */
export interface LossAndGradients<T = number, G = Gradient> extends EvaluatedLoss<T, G> {}
