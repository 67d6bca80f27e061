// What is published: packed, installed in an empty folder, imported, type-checked and bundled as a user would.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installPacked, type Packed, ROOT, runIn } from "./installed.js";

const folder = mkdtempSync(join(tmpdir(), "rmsprop-package-"));
const run = (command: string, parameters: readonly string[]): string => runIn(folder, command, parameters);

const EXAMPLE = `import { RMSprop, Variable } from "rmsprop";
const v = new Variable(10);
new RMSprop({ learningRate: 0.1 }).minimize(() => ({ value: v.item() ** 2 / 2, gradients: [v.item()] }), [v]);
console.log(\`\${v}\`);
`;

const GPU_EXAMPLE = `import { GpuVariable, RMSprop } from "rmsprop/webgpu";
export async function train(device: GPUDevice, gradient: GPUBuffer): Promise<Float32Array> {
  const weights = new GpuVariable(device, [1, 2], { name: "w" });
  new RMSprop(device, { momentum: 0.9 }).apply([gradient], [weights]);
  return weights.read();
}
`;

/** What a bundler makes of an import. */
function bundleOf(from: string, names: string): string {
  const stdin = { contents: `export { ${names} } from "${from}";`, resolveDir: folder, loader: "js" as const };
  const external = ["#gradients", "@tensorflow/*", "@jax-js/*", "h5wasm", "node:*"];
  const { outputFiles } = buildSync({ stdin, external, bundle: true, minify: true, format: "esm", write: false });
  return outputFiles?.[0]?.text ?? "";
}

let packed: Packed;

beforeAll(() => {
  packed = installPacked(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the packed package", () => {
  test("holds the built files and nothing else of the repository", () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toContain("dist/plain/index.js");
    expect(paths).toContain("dist/tfjs/index.d.ts");
    expect(paths).toContain("LICENSE");
    expect(paths.filter((path) => !/^dist\/.+\.(js|d\.ts)$/.test(path)).toSorted()).toEqual([
      ...["CHANGELOG.md", "LICENSE", "README.md", "README.zh-CN.md", "package.json"],
    ]);
    expect(packed.unpackedSize).toBeLessThanOrEqual(1_545_000);
  });

  test("has no run-time dependency and no install script", () => {
    const manifest = JSON.parse(readFileSync(join(folder, "node_modules/rmsprop/package.json"), "utf8"));
    expect(manifest.dependencies).toBeUndefined();
    expect(Object.keys(manifest.scripts ?? {}).filter((name) => /^(pre|post)?install$/.test(name))).toEqual([]);
    expect(manifest.sideEffects).toBe(false);
  });

  test("prints the number of Keras' page in an empty folder", () => {
    writeFileSync(join(folder, "example.mjs"), EXAMPLE);
    expect(run("node", ["example.mjs"]).trim()).toBe("9.683772");
  });

  test("has types that resolve under the strictest settings", () => {
    writeFileSync(join(folder, "example.ts"), EXAMPLE);
    writeFileSync(join(folder, "gpu-example.ts"), GPU_EXAMPLE);
    const strict = [
      "--strict",
      "--exactOptionalPropertyTypes",
      "--noUncheckedIndexedAccess",
      "--skipLibCheck",
      "false",
    ];
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    const parameters = [...strict, "--noEmit", "--target", "es2022", "--lib", "es2023,dom,esnext.disposable"];
    run("node", [tsc, ...parameters, "--module", "nodenext", "example.ts", "gpu-example.ts"]);
  });

  // With each peer dependency outside, as what uses it has it anyway.
  test.each([
    ["rmsprop", "RMSprop", 34_300],
    ["rmsprop", "loadCheckpoint", 52_000],
    ["rmsprop/webgpu", "RMSprop, GpuVariable", 34_700],
    ["rmsprop/tfjs", "RMSprop", 42_000],
    ["rmsprop/tfjs/webgpu", "useWebGpu", 29_000],
    ["rmsprop/jax", "RMSprop, Variable", 37_100],
    ["rmsprop/jax", "rmsprop", 13_900],
    ["rmsprop/keras", "readKeras", 69_900],
    ["rmsprop/keras", "writeWeights", 53_100],
    ["rmsprop/keras/tfjs", "loadWeights", 63_800],
    ["rmsprop/node", "writeCheckpoint", 46_500],
  ])("%s: %s is a bundle of at most %d bytes gzip", (from, names, most) => {
    const byteLength = gzipSync(bundleOf(from, names)).byteLength;
    console.log(`import { ${names} } from "${from}": ${byteLength} bytes gzip`);
    expect(byteLength).toBeLessThanOrEqual(most);
  });

  test.each(["rmsprop", "rmsprop/tfjs", "rmsprop/webgpu", "rmsprop/jax"])(
    "%s: an application holds the optimizer that it imports, and no other",
    (from) => {
      const classes = "RMSprop SGD Adam AdamW Lion Adagrad Adadelta Adamax Nadam Ftrl ScheduleFreeAdamW".split(" ");
      for (const name of classes) {
        const text = bundleOf(from, name);
        expect(classes.filter((each) => new RegExp(`["'\`]${each}["'\`]`).test(text))).toEqual([name]);
      }
    },
  );

  // By words that nothing else has: the kernels of WebGPU, the checks of rules of one's own, the class of Variables.
  test.each([
    ["rmsprop/tfjs", "RMSprop", ["@compute", "Declare what update reads"]],
    ["rmsprop", "RMSprop", ["Declare what update reads", "be 1 for item()"]],
  ])("%s: %s brings nothing along that it does not need", (from, names, words) => {
    const [bundle, everything] = [bundleOf(from, names), bundleOf("rmsprop", "Optimizer, Variable")];
    expect(words.filter((word) => bundle.includes(word))).toEqual([]);
    expect(words.filter((word) => !everything.includes(word) && word !== "@compute")).toEqual([]);
  });

  test("the kernels of WebGPU come with their own entry point", () => {
    expect(bundleOf("rmsprop/tfjs/webgpu", "useWebGpu")).toContain("@compute");
  });

  describe("with tfjs-core and a backend, and without tfjs-layers", () => {
    const alone = join(folder, "alone");
    beforeAll(() => {
      const installed = join(alone, "node_modules");
      mkdirSync(join(installed, "@tensorflow"), { recursive: true });
      for (const name of ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-cpu"]) {
        symlinkSync(join(ROOT, "node_modules", name), join(installed, name));
      }
      cpSync(join(folder, "node_modules/rmsprop"), join(installed, "rmsprop"), { recursive: true });
    });

    test("a bundled program has the gradients of operations", () => {
      const contents = `import "@tensorflow/tfjs-backend-cpu";
      import * as tf from "@tensorflow/tfjs-core";
      import { RMSprop } from "rmsprop/tfjs";
      const v = tf.variable(tf.scalar(10));
      new RMSprop({ learningRate: 0.1 }).minimize(() => tf.div(tf.square(v), 2), false, [v]);
      console.log(v.dataSync()[0].toFixed(6));`;
      const stdin = { contents, resolveDir: alone, loader: "js" as const };
      const outfile = join(alone, "bundled.cjs");
      // The modules that a bundle for pages has, for Node to run.
      const mainFields = ["module", "main"];
      buildSync({ stdin, outfile, mainFields, platform: "node", bundle: true, minify: true, logLevel: "error" });
      expect(run("node", [outfile]).trim()).toBe("9.683772");
    });

    test("loops of one's own work on Node, and a loss says what brings gradients along", () => {
      writeFileSync(
        join(alone, "loop.mjs"),
        `import "@tensorflow/tfjs-backend-cpu";
      import * as tf from "@tensorflow/tfjs-core";
      import { RMSprop } from "rmsprop/tfjs";
      const v = tf.variable(tf.scalar(10), true, "v");
      const optimizer = new RMSprop({ learningRate: 0.1 });
      optimizer.applyGradients([{ name: "v", tensor: tf.scalar(10) }]);
      console.log(v.dataSync()[0].toFixed(6));
      try { optimizer.minimize(() => tf.square(v)); } catch (error) { console.log(error.message); }`,
      );
      const lines = run("node", [join(alone, "loop.mjs")])
        .trim()
        .split("\n");
      expect(lines.at(-2)).toBe("9.683772");
      expect(lines.at(-1)).toMatch(/gradient function not found for Square.* Install @tensorflow\/tfjs-layers/);
    });
  });

  test("a definition of one's own brings their checks along, however it becomes a class", () => {
    for (const name of ["defineOptimizer", "Optimizer"]) {
      for (const from of ["rmsprop", "rmsprop/tfjs", "rmsprop/webgpu", "rmsprop/jax"]) {
        expect(bundleOf(from, name)).toContain("Declare what update reads");
      }
    }
  });

  test("exports nothing that starts by itself", () => {
    const script = 'await import("rmsprop"); console.log(process.getActiveResourcesInfo().join());';
    expect(run("node", ["--input-type=module", "-e", script])).not.toMatch(/Timeout|Worker|MessagePort|TickObject/);
  });
});
