// `npm run docs:build`: the guide, the API reference and the picture for previews of links, into the site that `vite build playground` has made.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeApi } from "./api.js";
import { guideFiles } from "./guide.js";
import { PREVIEW } from "./header.js";
import { previewPicture } from "./preview.js";

const SITE = fileURLToPath(new URL("../../out/site/", import.meta.url));

for (const folder of ["guide", "source", "api"]) rmSync(join(SITE, folder), { recursive: true, force: true });
for (const [path, content] of guideFiles()) {
  const file = join(SITE, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
writeFileSync(join(SITE, PREVIEW.path), previewPicture());
await writeApi(join(SITE, "api"));
