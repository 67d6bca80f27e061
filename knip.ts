// `npm run check:unused`: what begins a program; all else must be used from there.
import type { KnipConfig } from "knip";
import { FACES } from "./faces.js";

export default {
  entry: [
    ...FACES.map(({ module }) => `src/${module}.ts`),
    "src/inspect/main.ts",
    "src/engine/wasm/threads/worker.js",
    "examples/*/main.ts",
    "examples/optimizers/*.ts",
    "test/browser/pages/*.ts",
    "test/webgpu/page.ts",
    "playground/src/main.tsx",
    "playground/src/**/*worker.ts",
    "playground/public/sw.js",
    "playground/docs/reference.js",
    "playground/vite.config.ts",
  ],
  project: [
    "src/**",
    "examples/**/*.ts",
    "bench/**/*.ts",
    "playground/**/*.{ts,tsx,js}",
    "test/**/*.ts",
    "scripts/*.mjs",
  ],
  ignoreDependencies: ["dejavu-fonts-ttf"],
} satisfies KnipConfig;
