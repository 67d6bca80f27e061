// The suites of test/contract that run on memory that grows, too, and those that do not, each with its reason.

export const ON_GROWING_MEMORY: readonly string[] = [
  ...[
    "aliasing",
    "atomic",
    "averages",
    "bad-input",
    "config",
    "engines",
    "flush",
    "gradient-norm",
    "growing",
    "half-gradients",
    "learning-rate",
    "loss-scale",
    "order",
  ],
  ...[
    "hostile",
    "losses",
    "non-finite",
    "multi-gathered",
    "multi-optimizers",
    "multi-steps",
    "old-configs",
    "own-optimizers",
    "realms",
    "sequences",
    "stages",
    "state",
    "user-code",
    "variable",
  ],
];

/** Those of them that `npm test` runs there; `npm run test:package` runs all. */
export const OFTEN_ON_GROWING_MEMORY: readonly string[] = ["aliasing", "growing", "order", "state", "variable"];

/** What the others are about. */
export const NOT_ON_GROWING_MEMORY: Readonly<Record<string, string>> = {
  frameworks: "proxies that frameworks make of objects",
  dropped: "memory of what was dropped, in a process of its own",
  collected: "bytes in use, and views that are never taken away",
  garbage: "objects that a step of core leaves, in a process of its own",
  "left-out": "options and what becomes of them",
  "lost-workers": "memory that threads share",
  paused: "memory that threads share",
  memory: "bytes in use; it makes libraries of its own, whose memory grows",
  parts: "views that are never taken away",
  threads: "memory that threads share",
  console: "what is printed",
  types: "types of core",
};
