// The rooms of src: small, and each says what it is about in the first line of one of its files.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const SOURCES = fileURLToPath(new URL("../../src/", import.meta.url));
const MOST_FILES = 14;

/** Every folder that has files of its own, with those files; tests are left out. */
const ROOMS = readdirSync(SOURCES, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.includes(".test."))
  .reduce((rooms, { parentPath, name }) => {
    const room = join(parentPath, "/").slice(SOURCES.length);
    return rooms.set(room, [...(rooms.get(room) ?? []), name]);
  }, new Map<string, string[]>());

describe.each([...ROOMS])("the room %s", (room, files) => {
  test(`has at most ${MOST_FILES} files`, () => {
    expect(files.length).toBeLessThanOrEqual(MOST_FILES);
  });

  test("says its subject in the first line of one file: its index, if it has one", () => {
    const introduced = files.filter((name) => introduces(readFileSync(join(SOURCES, room, name), "utf8"), room));
    expect(introduced).toEqual(files.includes("index.ts") ? ["index.ts"] : [expect.any(String)]);
  });
});

test(`the rooms of the page have at most ${MOST_FILES} files, too`, () => {
  const page = fileURLToPath(new URL("../../playground/src/", import.meta.url));
  const folders = readdirSync(page, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.includes(".test."))
    .map(({ parentPath }) => parentPath);
  const crowded = [...new Set(folders)].filter(
    (folder) => folders.filter((each) => each === folder).length > MOST_FILES,
  );
  expect(crowded.filter((folder) => join(folder, "/") !== page)).toEqual([]);
});

test("every file and folder that ARCHITECTURE.md names is there", () => {
  const named =
    readFileSync(join(SOURCES, "../ARCHITECTURE.md"), "utf8").match(/(?<=`)[\w.-]+(\/[\w.-]*)+(?=`)/g) ?? [];
  const gone = named.filter((path) => !["", "src"].some((folder) => existsSync(join(SOURCES, "..", folder, path))));
  expect(named.length).toBeGreaterThan(40);
  expect(gone).toEqual([]);
});

/** `// rule/: the maths of a step`, or the words about a module that others import. */
function introduces(text: string, room: string): boolean {
  return text.startsWith(`// ${room}: `) || /^\/\*\* .+ @module \S+ \*\/\n/.test(text);
}
