// The tables, by the name that the command line knows.
import type { Case } from "../contender.js";
import type { Settings } from "../settings.js";
import { fitCases } from "./fit.js";
import { javascriptCases } from "./javascript.js";
import { limitCases } from "./limit.js";
import { pythonCases } from "./python.js";
import { smallCases } from "./small.js";
import { webgpuCases } from "./webgpu.js";

export const TABLES = {
  limit: limitCases,
  javascript: javascriptCases,
  python: pythonCases,
  small: smallCases,
  fit: fitCases,
  webgpu: webgpuCases,
} as const satisfies Readonly<Record<string, (settings: Settings) => Case[]>>;

export type TableName = keyof typeof TABLES;
