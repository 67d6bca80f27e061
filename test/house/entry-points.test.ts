// package.json lists the entry points of the package. Whatever cannot be generated from that list must agree with it.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";
import { ENTRY_POINTS } from "../../entry-points.js";
import manifest from "../../package.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

test("the types of each entry point lie beside its code, and both come from one source", () => {
  for (const { name, module } of ENTRY_POINTS) {
    const path = name.replace("rmsprop", ".") as "." | "./tfjs";
    expect(manifest.exports[path]).toEqual({ types: `./dist/${module}.d.ts`, default: `./dist/${module}.js` });
    expect(existsSync(`${ROOT}src/${module}.ts`)).toBe(true);
  }
});

test("the paths of tsconfig.json are the sources of the entry points, and what Node has for bundles' gradients", () => {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile);
  const expected = ENTRY_POINTS.map(({ name, module }) => [name, [`./src/${module}.ts`]]);
  const gradients = { "#gradients": ["./src/tfjs/no-gradients.ts"] };
  expect(config.compilerOptions.paths).toEqual({ ...gradients, ...Object.fromEntries(expected) });
  expect(manifest.imports["#gradients"].default).toBe("./dist/tfjs/no-gradients.js");
});

test("the README names every entry point", () => {
  const readme = readFileSync(`${ROOT}README.md`, "utf8");
  expect(ENTRY_POINTS.filter(({ name }) => !readme.includes(`\`${name}\``) && !readme.includes(`"${name}"`))).toEqual(
    [],
  );
});
