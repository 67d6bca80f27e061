// `npm run check:unused`: where programs begin; everything else must be reachable from there.
import type { KnipConfig } from "knip";
import { ENTRY_POINTS } from "./entry-points.js";

export default {
  entry: [
    ...ENTRY_POINTS.map(({ module }) => `src/${module}.ts`),
    "src/plain/react-native.ts",
    "src/inspect/main.ts",
    "src/engine/wasm/threads/worker.js",
    "examples/*/main.ts",
    "examples/optimizers/*.ts",
    "test/browser/pages/*.ts",
    "test/webgpu/page.ts",
    "test/types/programs/*.ts",
    "playground/src/{main,nan/main}.tsx",
    "playground/src/**/*worker.ts",
    "playground/public/sw.js",
    "playground/docs/{offline,reference}.js",
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
  ignoreBinaries: ["mkfifo"],
} satisfies KnipConfig;
