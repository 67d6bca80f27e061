// The rooms of src/ and what each may import; types count. Within a room everything may import everything, but not in a circle.
const { exports: entries } = require("./package.json");

const FACES = ["plain", "tfjs", "jax", "webgpu"];
const CONTRACT = "engine/engine.ts";
const BELOW_CORE = ["check", "rule", "schedules", "constraints", "optimizers"];
const BELOW_FACES = [...BELOW_CORE, "kernel", "engine", "core", "checkpoint"];

// check, rule <- schedules, constraints <- optimizers <- core <- checkpoint <- faces <- keras <- node <- inspect
// rule <- kernel; check, rule, kernel <- engine <- core
const MAY_IMPORT = {
  check: [],
  rule: [],
  schedules: ["check", "rule"],
  constraints: ["check", "rule"],
  optimizers: ["check", "rule", "schedules", "constraints"],
  kernel: ["rule"],
  engine: ["check", "rule", "kernel"],
  core: [...BELOW_CORE, CONTRACT],
  checkpoint: [...BELOW_CORE, CONTRACT, "core"],
  ...Object.fromEntries(FACES.map((face) => [face, BELOW_FACES])),
  keras: [...BELOW_FACES, ...FACES],
  node: [...BELOW_FACES, ...FACES, "keras"],
  inspect: [...BELOW_FACES, ...FACES, "keras", "node"],
};

/** A rule for each room; a name with an extension is one file. */
const arrows = Object.entries(MAY_IMPORT).map(([room, others]) => {
  const paths = [room, ...others].map((name) => (name.endsWith(".ts") ? `${name.replace(".", "\\.")}$` : `${name}/`));
  return {
    name: `${room}-sees-only-what-is-below`,
    severity: "error",
    comment: `src/${room}/ may import ${others.join(", ") || "nothing outside"}`,
    from: { path: `^src/${room}/`, pathNot: "\\.test\\.ts$" },
    to: { path: "^src/", pathNot: `^src/(${paths.join("|")})` },
  };
});

/** The packages that a room may import: none but those that its users have anyway. */
const packages = (name, rooms, dependencyTypes, pathNot) => ({
  name,
  severity: "error",
  from: { path: `^src/(${rooms.join("|")})/`, pathNot: "\\.test\\.ts$" },
  to: { dependencyTypes, pathNot },
});

const WITH_PACKAGES = ["tfjs", "jax", "keras", "node", "inspect"];
const WITHOUT_PACKAGES = Object.keys(MAY_IMPORT).filter((room) => !WITH_PACKAGES.includes(room));
const NPM = ["npm", "npm-dev", "npm-peer", "npm-optional"];

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      severity: "error",
      from: { path: "^src/", orphan: true, pathNot: "\\.test\\.ts$|^src/engine/wasm/threads/worker\\.js$" },
      to: {},
    },
    {
      name: "every-room-has-its-place",
      severity: "error",
      comment: "a new room of src/ belongs in MAY_IMPORT",
      from: {},
      to: { path: "^src/", pathNot: `^src/(${Object.keys(MAY_IMPORT).join("|")})/` },
    },
    ...arrows,
    packages("no-packages-outside-tfjs-jax-keras-node-inspect", WITHOUT_PACKAGES, [...NPM, "core"], "^$"),
    packages("node-needs-nothing-but-node", ["node"], NPM, "/@types/node/"),
    {
      name: "examples-use-the-public-package",
      severity: "error",
      from: { path: "^examples/" },
      to: { path: "^src/", pathNot: `^(${entryFiles().join("|")})$` },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
  },
};

function entryFiles() {
  const built = Object.values(entries).flatMap((entry) => (typeof entry === "string" ? [] : [entry.default]));
  return built.map((path) => path.replace(/^\.\/dist\/(.*)\.js$/, "src/$1\\.ts"));
}
