// Programs that tests start as processes of their own.
import { fileURLToPath } from "node:url";

/** A program of TypeScript as one file that Node runs. */
export async function bundled(program: string, outfile: string): Promise<string> {
  const { buildSync } = await import("esbuild");
  const name = process.env.RMSPROP_DIST === "1" ? "tsconfig.build.json" : "tsconfig.json";
  const tsconfig = fileURLToPath(new URL(`../../${name}`, import.meta.url));
  buildSync({ entryPoints: [program], outfile, bundle: true, platform: "node", format: "esm", tsconfig });
  return outfile;
}
