// The compiler of TypeScript, required: an import would read its nine megabytes once more, to look for the names that it exports.
import { createRequire } from "node:module";
import type ts from "typescript";

const compiler: typeof ts = createRequire(import.meta.url)("typescript");
export default compiler;
