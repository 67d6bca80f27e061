// The import directions of the package: rule <- codegen <- engine <- optimizer <- faces; all but rule may ask check.
const only = (name, from, allowed) => ({
  name,
  severity: "error",
  comment: `${from} may import only ${allowed}`,
  from: { path: from, pathNot: "\\.test\\.ts$" },
  to: { pathNot: allowed },
});

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      severity: "error",
      from: { orphan: true, pathNot: "\\.test\\.ts$|^src/engine/wasm/worker\\.js$" },
      to: {},
    },
    only("rule-is-pure", "^src/rule/", "^src/rule/"),
    only("check-is-pure", "^src/check/", "^src/check/"),
    only("codegen-sees-rule", "^src/codegen/", "^src/(rule|codegen)/"),
    only("engine-sees-codegen", "^src/engine/", "^src/(check|rule|codegen|engine)/"),
    only(
      "optimizer-sees-no-engine-by-name",
      "^src/optimizer/",
      "^src/(check|rule|optimizer)/|^src/engine/(engine|default)\\.ts$",
    ),
    {
      name: "core-has-no-dependencies",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(tfjs|jax|keras|node|cli)/|\\.test\\.ts$" },
      to: { dependencyTypes: ["npm", "npm-dev", "npm-peer", "npm-optional", "core"] },
    },
    {
      name: "node-needs-nothing-but-node",
      severity: "error",
      from: { path: "^src/node/", pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["npm", "npm-dev", "npm-peer", "npm-optional"], pathNot: "/@types/node/" },
    },
    {
      name: "examples-use-the-public-package",
      severity: "error",
      from: { path: "^examples/" },
      to: { path: "^src/", pathNot: "^src/(index|(tfjs|jax|webgpu|node|keras|keras/tfjs)/index)\\.ts$" },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
  },
};
