// fast-check, which draws from the seed of the tests.
import fc from "fast-check";
import { SEED } from "./seed.js";

fc.configureGlobal({ seed: SEED });

export default fc;
