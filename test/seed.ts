// Random tests draw from a fixed seed, so that `npm test` is the same each time; `npm run test:random` gives others.
import fc from "fast-check";
import { SEED } from "./contract/states.js";

fc.configureGlobal({ seed: SEED });
