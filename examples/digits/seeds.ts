// `npm run start:seeds`: the three settings of result.ts on ten seeds. Says at once what will be done; TensorFlow.js is loaded
// after that.
import { Command } from "commander";

const { tune } = new Command("npm run start:seeds --")
  .usage("[options]")
  .description(
    "Trains on ten seeds with and without what only this RMSprop has, and writes examples/digits/seeds.json.",
  )
  .option("--tune", "try the settings to choose from instead, on other seeds and without the held-out digits", false)
  .helpOption("-h, --help", "print this help")
  .parse()
  .opts<{ tune: boolean }>();

if (tune) {
  console.log("Tries 49 settings on ten seeds each, in about ten minutes ...\n");
  const { printTuning } = await import("./tune.js");
  await printTuning();
} else {
  console.log("Trains the digits 30 times: ten seeds with three settings, in about a minute ...\n");
  const { compareSeeds } = await import("./trials.js");
  await compareSeeds();
}
