// The picture for previews of links and for the README, drawn from a real run: the paths of the first screen, as this package
// computes them.
import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-js";
import { pathsWith } from "../src/explain/story/in-node.js";
import { type Path, pointAt } from "../src/explain/story/paths.js";
import { TAB_TEXTS } from "../src/pages.js";
import { PREVIEW } from "./header.js";

const FONT = "DejaVu Sans";
/** The map on the picture: pixels of a unit along x and y, and where the minimum is. */
const SCALE = { x: 185, y: 95 };
const MINIMUM = { x: 860, y: 405 };
/** Losses of the contour lines. */
const LEVELS = [0.05, 0.2, 0.6, 1.5, 4, 10, 20, 35];
const STEPS = 120;

/** The picture as PNG. */
export function previewPicture(): Buffer {
  const { resolve } = createRequire(import.meta.url);
  const fontFiles = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((file) => resolve(`dejavu-fonts-ttf/ttf/${file}`));
  const font = { loadSystemFonts: false, fontFiles, defaultFontFamily: FONT };
  return Buffer.from(new Resvg(previewSvg(), { font }).render().asPng());
}

/** The picture as the README has it: with the colours of a dark page, too. */
export function readmePicture(): string {
  return previewSvg(DARK);
}

/** Other colours for those of the picture, where a page is dark. */
const DARK = `<style>@media (prefers-color-scheme: dark) {
[fill="#f4f7fd"], [fill="#fff"] { fill: #12161f } [fill="#1c2330"] { fill: #e8ecf4 } [fill="#556072"] { fill: #a9b5c8 }
[fill="#dfe8f7"] { fill: #2a3550 } [fill="#2352d3"] { fill: #7ea2ff } [stroke="#2352d3"] { stroke: #7ea2ff }
}</style>
`;

function previewSvg(style = ""): string {
  const { paths } = pathsWith({});
  const { width, height } = PREVIEW;
  const [sgd, rmsprop] = [line(paths.sgd), line(paths.rmsprop)];
  const [first, ...rest] = TAB_TEXTS.explain.headline.split(" every ");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}, sans-serif">
<title>${TAB_TEXTS.explain.headline}</title>
${style}<rect width="${width}" height="${height}" fill="#f4f7fd"/>
${LEVELS.map(contour).reverse().join("\n")}
<path d="${sgd}" fill="none" stroke="#7d899c" stroke-width="4" stroke-linejoin="round"/>
<path d="${rmsprop}" fill="none" stroke="#2352d3" stroke-width="9" stroke-linejoin="round" stroke-linecap="round"/>
<circle cx="${MINIMUM.x}" cy="${MINIMUM.y}" r="13" fill="#2352d3" stroke="#fff" stroke-width="4"/>
<rect width="${width}" height="178" fill="#fff" fill-opacity="0.9"/>
<text x="60" y="82" font-size="54" font-weight="bold" fill="#1c2330">${first} every</text>
<text x="60" y="148" font-size="54" font-weight="bold" fill="#1c2330">${rest.join(" every ")}</text>
<text x="420" y="330" font-size="34" font-weight="bold" fill="#2352d3">RMSprop</text>
<text x="150" y="585" font-size="34" font-weight="bold" fill="#556072">SGD</text>
<text x="${width - 60}" y="${height - 40}" font-size="34" text-anchor="end" fill="#1c2330">rmsprop</text>
</svg>
`;
}

/** Where the loss x² / 20 + 5 y² has a value. */
function contour(loss: number): string {
  const [rx, ry] = [SCALE.x * Math.sqrt(20 * loss), SCALE.y * Math.sqrt(loss / 5)];
  return `<ellipse cx="${MINIMUM.x}" cy="${MINIMUM.y}" rx="${rx.toFixed(1)}" ry="${ry.toFixed(1)}" fill="#dfe8f7" fill-opacity="0.35" stroke="#a9b5c8" stroke-width="1.5"/>`;
}

function line(path: Path): string {
  const points = Array.from({ length: STEPS + 1 }, (_, step) => pointAt(path, step));
  const placed = points.map(
    ({ x, y }) => `${(MINIMUM.x + SCALE.x * x).toFixed(1)},${(MINIMUM.y - SCALE.y * y).toFixed(1)}`,
  );
  return `M${placed.join("L")}`;
}
