// package.json lists the faces of the package. What cannot be made of that list says the same.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";
import { FACES } from "../../faces.js";
import manifest from "../../package.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

test("the types of each face lie beside its code, and both come from one source", () => {
  for (const { name, module } of FACES) {
    const path = name.replace("rmsprop", ".") as "." | "./tfjs";
    expect(manifest.exports[path]).toEqual({ types: `./dist/${module}.d.ts`, default: `./dist/${module}.js` });
    expect(existsSync(`${ROOT}src/${module}.ts`)).toBe(true);
  }
});

test("the paths of tsconfig.json are the sources of the faces", () => {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile);
  const expected = FACES.map(({ name, module }) => [name, [`./src/${module}.ts`]]);
  expect(config.compilerOptions.paths).toEqual(Object.fromEntries(expected));
});

test("the README names every face", () => {
  const readme = readFileSync(`${ROOT}README.md`, "utf8");
  expect(FACES.filter(({ name }) => !readme.includes(`\`${name}\``) && !readme.includes(`"${name}"`))).toEqual([]);
});
