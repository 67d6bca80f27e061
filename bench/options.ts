// The command line.
import { Argument, Command } from "commander";
import { TABLES, type TableName } from "./tables/index.js";

export interface Options {
  readonly tables: readonly TableName[];
  readonly quick: boolean;
  readonly out: string;
}

/** Reads `args` (without node and script). Without a table: all that can be measured, which `isInstalled` decides for python. */
export function parseOptions(args: readonly string[], isInstalled: () => boolean): Options {
  const names = Object.keys(TABLES) as TableName[]; // The registry has no other keys.
  const command = new Command("npm run bench --")
    .description("Measures this package against the limit of the memory and against its peers.")
    .addArgument(
      new Argument(
        "[table...]",
        "which tables; by default all but webgpu, python only if npm run bench:python installed it",
      ).choices(names),
    )
    .option("--quick", "a rough picture in less than a minute, without python", false)
    .option("--out <folder>", "where figures and chart go", "out/bench")
    .helpOption("-h, --help", "print this help")
    .parse(args, { from: "user" });
  const { quick, out } = command.opts<{ quick: boolean; out: string }>();
  const asked = command.args as TableName[]; // Its choices were checked.
  const tables = asked.length > 0 ? asked : names.filter((name) => isUsual(name, quick, isInstalled));
  return { tables: names.filter((name) => tables.includes(name)), quick, out };
}

/** What is measured when nobody asks for a table: webgpu needs a GPU to mean something. */
function isUsual(name: TableName, quick: boolean, isInstalled: () => boolean): boolean {
  if (name === "webgpu") return false;
  return name !== "python" || (!quick && isInstalled());
}
