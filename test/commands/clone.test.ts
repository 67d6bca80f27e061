// The commands of the README and the guide that are run in a clone of the repository, one after the other in a fresh copy of
// it, with nothing installed.
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { placeOf, ROOT } from "../docs/blocks.js";
import { COMMANDS, isInstall, run } from "./shell.js";

const folder = mkdtempSync(join(tmpdir(), "rmsprop-clone-"));
beforeAll(async () => {
  const list = await run(ROOT, "git ls-files --cached --others --exclude-standard");
  for (const path of list.trimEnd().split("\n")) {
    if (existsSync(join(ROOT, path))) cpSync(join(ROOT, path), join(folder, path));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Where a command leaves what the page says that it makes. */
const MADE: Readonly<Record<string, string>> = {
  "npm ci && npm start": "out/digits",
  "npm run start:cartpole": "out/cartpole",
  "npm run handoff": "out/handoff",
  "npm run bench -- webgpu": "out/bench",
};

const URL_OF_A_SERVER = /http:\/\/localhost:\d+\//;

test.each(
  COMMANDS.filter((block) => !isInstall(block)).map((block) => ({ at: placeOf(block), command: block.code.trim() })),
)("$at: $command", async ({ command }) => {
  if (command === "npm run playground") return serves(command);
  await run(folder, command);
  const made = MADE[command];
  if (made !== undefined) expect(readdirSync(join(folder, made))).not.toEqual([]);
});

/** A server that shows its page until it is stopped. */
async function serves(command: string): Promise<void> {
  let page = "";
  await run(folder, command, {
    isEnough: (printed) => URL_OF_A_SERVER.test(printed),
    act: async (printed) => {
      page = await (await fetch(URL_OF_A_SERVER.exec(printed)?.[0] ?? "")).text();
    },
  });
  expect(page).toContain("<title>rmsprop");
}
