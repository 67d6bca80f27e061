// Lines of src that hold code, by room: neither blank nor comment, tests left out. `node scripts/count-lines.mjs [COMMIT]`
import { execFileSync } from "node:child_process";
import { posix } from "node:path";
import ts from "typescript";

const [commit = "HEAD"] = process.argv.slice(2);
const git = (...parameters) => execFileSync("git", parameters, { encoding: "utf8", maxBuffer: 2 ** 26 });

const rooms = new Map();
for (const path of git("ls-tree", "-r", "--name-only", commit, "src").trimEnd().split("\n")) {
  if (path.includes(".test.")) continue;
  const room = posix.dirname(path).replace(/^src\/?/, "") || ".";
  const counts = rooms.get(room) ?? { files: 0, lines: 0 };
  rooms.set(room, { files: counts.files + 1, lines: counts.lines + codeLines(git("show", `${commit}:${path}`)) });
}
const total = [...rooms.values()].reduce((sum, each) => ({
  files: sum.files + each.files,
  lines: sum.lines + each.lines,
}));
console.table(Object.fromEntries([...[...rooms].sort(), ["in all", total]]));

/** Lines with a part of a token on them. */
function codeLines(text) {
  const source = ts.createSourceFile("file.ts", text, ts.ScriptTarget.Latest);
  const lines = new Set();
  const visit = (node) => {
    if (ts.isJSDoc(node)) return;
    const parts = node.getChildren(source);
    if (parts.length > 0) return parts.forEach(visit);
    const lineAt = (position) => source.getLineAndCharacterOfPosition(position).line;
    for (
      let line = lineAt(node.getStart(source));
      line <= lineAt(Math.max(node.getStart(source), node.end - 1));
      line++
    ) {
      if (node.end > node.getStart(source)) lines.add(line);
    }
  };
  visit(source);
  return lines.size;
}
