// Which variables of plain numbers weight decay leaves out.
import type { DecayExclusion } from "../core/weight-decay.js";
import type { VariableLike } from "./inputs/targets.js";

/** Which variables weight decay leaves out. */
export interface Exclusion<Variable extends object = VariableLike> extends DecayExclusion<Variable> {}
