// package.json lists the entry points of the package. Whatever cannot be generated from that list must agree with it.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import * as plain from "rmsprop";
import { expect, test, vi } from "vitest";
import { ENTRY_POINTS } from "../../entry-points.js";
import manifest from "../../package.json" with { type: "json" };
import * as reactNative from "../../src/plain/react-native.js";
import compiler from "./compiler.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

test("the types of each entry point lie beside its code, and both come from one source", () => {
  for (const { name, module } of ENTRY_POINTS) {
    const path = name.replace("rmsprop", ".") as "." | "./tfjs";
    expect(manifest.exports[path]).toMatchObject({ types: `./dist/${module}.d.ts`, default: `./dist/${module}.js` });
    expect(existsSync(`${ROOT}src/${module}.ts`)).toBe(true);
  }
});

test("the paths of tsconfig.json are the sources of the entry points, and what Node has for bundles' gradients", () => {
  const { config } = compiler.readConfigFile(`${ROOT}tsconfig.json`, compiler.sys.readFile);
  const expected = ENTRY_POINTS.map(({ name, module }) => [name, [`./src/${module}.ts`]]);
  const gradients = { "#gradients": ["./src/tfjs/no-gradients.ts"] };
  expect(config.compilerOptions.paths).toEqual({ ...gradients, ...Object.fromEntries(expected) });
  expect(manifest.imports["#gradients"].default).toBe("./dist/tfjs/no-gradients.js");
});

test("React Native gets the same names, in modules without import.meta and import(), which it does not parse", async () => {
  const { outputFiles } = await build({
    ...{ entryPoints: [`${ROOT}src/plain/react-native.ts`], bundle: true, format: "esm", write: false },
    define: { "import.meta": "IMPORT_META" },
  });
  expect(outputFiles[0]?.text.match(/IMPORT_META|\bimport\s*\(/g)).toBeNull();
  expect(manifest.exports["."]["react-native"]).toBe("./dist/plain/react-native.js");
  expect(manifest["react-native"]).toBe("./dist/plain/react-native.js");
  expect(Object.keys(reactNative).sort()).toEqual(Object.keys(plain).sort());
});

test("on React Native there is one thread, and a warning says so", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  expect(await reactNative.setThreads("auto")).toBe(1);
  expect(warn).not.toHaveBeenCalled();
  expect(await reactNative.setThreads(2)).toBe(1);
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("1 of 2 threads run"));
  await expect(reactNative.setThreads(0)).rejects.toThrow("count must be an integer >= 1");
});

test("the README names every entry point", () => {
  const readme = readFileSync(`${ROOT}README.md`, "utf8");
  expect(ENTRY_POINTS.filter(({ name }) => !readme.includes(`\`${name}\``) && !readme.includes(`"${name}"`))).toEqual(
    [],
  );
});
