// ECharts without a browser: an option becomes an SVG and a PNG with the same fonts on every machine. What is drawn is
// decided where it is measured.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Resvg } from "@resvg/resvg-js";
import { type EChartsOption, init, setPlatformAPI } from "echarts";

const FONT = "DejaVu Sans";
/** Mean width of a letter of the font, in font sizes. */
const LETTER_WIDTH = 0.6;

/** The size of a picture in pixels of the SVG; the PNG has `zoom` times as many. */
export interface Size {
  readonly width: number;
  readonly height: number;
  readonly zoom: number;
}

/** What every picture of this project looks like. */
const STYLE = {
  animation: false,
  backgroundColor: "white",
  textStyle: { fontFamily: `${FONT}, Verdana, sans-serif`, color: "#222" },
} as const;

/** Writes `name`.svg and `name`.png into `folder` (which exists) and returns their paths. */
export function writePicture(folder: string, name: string, option: EChartsOption, size: Size): string[] {
  const svg = renderSvg({ ...STYLE, ...option }, size);
  const paths = [`${name}.svg`, `${name}.png`].map((file) => join(folder, file)) as [string, string];
  writeFileSync(paths[0], svg);
  writeFileSync(paths[1], renderPng(svg, size));
  return paths;
}

function renderSvg(option: EChartsOption, { width, height }: Size): string {
  setPlatformAPI({ measureText: (text, font) => ({ width: text.length * sizeOf(font) * LETTER_WIDTH }) });
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption(option);
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** Pixels of a CSS font such as `bold 20px DejaVu Sans`. Without a canvas ECharts guesses widths, for a narrower font. */
function sizeOf(font = "12px"): number {
  return Number(/([\d.]+)px/.exec(font)?.[1] ?? 12);
}

/** The fonts come with a package: a fresh machine may have none. */
function renderPng(svg: string, { zoom }: Size): Buffer {
  const { resolve } = createRequire(import.meta.url);
  const fontFiles = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((file) => resolve(`dejavu-fonts-ttf/ttf/${file}`));
  const font = { loadSystemFonts: false, fontFiles, defaultFontFamily: FONT };
  return new Resvg(svg, { font, background: "white", fitTo: { mode: "zoom", value: zoom } }).render().asPng();
}
