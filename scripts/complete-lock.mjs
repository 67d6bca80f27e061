// `npm run lock`: gives each entry of package-lock.json the hash of its package. npm leaves it out for packages of other
// platforms, which it has never downloaded.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const path = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(path, "utf8"));

for (const [folder, entry] of Object.entries(lock.packages)) {
  if (folder === "" || entry.integrity !== undefined) continue;
  const name = entry.name ?? folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
  const printed = execFileSync("npm", ["view", `${name}@${entry.version}`, "dist.integrity"], { encoding: "utf8" });
  lock.packages[folder] = withIntegrity(entry, printed.trim());
}
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);

/** In npm's own order, after the version. */
function withIntegrity({ version, ...others }, integrity) {
  return { version, integrity, ...others };
}
