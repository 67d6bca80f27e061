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

/** The commands line by line, as a reader tries them. */
const COMMANDS_IN_CLONE = COMMANDS.filter((block) => !isInstall(block)).flatMap((block) =>
  block.code
    .trim()
    .split("\n")
    .map((command) => ({ at: placeOf(block), command })),
);

/** Where a command leaves what the page says that it makes. */
const MADE: Readonly<Record<string, string>> = {
  "npm ci && npm pack": "dist/plain",
  "npm ci && npm start": "out/digits",
  "npm run start:cartpole": "out/cartpole",
  "npm run handoff": "out/handoff",
  "npm run bench -- webgpu": "out/bench",
};

const URL_OF_A_SERVER = /http:\/\/localhost:\d+\//;

test.each(COMMANDS_IN_CLONE)("$at: $command", async ({ command }) => {
  if (command === "npm run playground") return serves(command);
  await run(folder, command);
  const made = MADE[command];
  if (made !== undefined) expect(readdirSync(join(folder, made))).not.toEqual([]);
});

test("installed from git, it is built, and has nothing but what is published", async () => {
  await run(folder, `git init -q && git add -A && git -c user.name=a -c user.email=a@b commit -qm all`);
  const user = mkdtempSync(join(tmpdir(), "rmsprop-git-"));
  try {
    await run(user, `npm init -y && npm install --no-audit --no-fund git+file://${folder}`);
    const program = `const { RMSprop } = await import("rmsprop"); console.log(new RMSprop().engine)`;
    expect((await run(user, `node --input-type=module -e '${program}'`)).trim()).toBe("wasm");
    expect(existsSync(join(user, "node_modules/rmsprop/src"))).toBe(false);
  } finally {
    rmSync(user, { recursive: true, force: true });
  }
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
  expect(page).toContain(" - rmsprop</title>");
}
