// Where Chromium is on this machine, and how it is started.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Graphics without a graphics card: WebGL and WebGPU are computed by SwiftShader. */
const GRAPHICS = [
  ...["--use-angle=swiftshader", "--use-vulkan=swiftshader", "--enable-unsafe-swiftshader"],
  ...["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"],
];

/** Starts Chromium without a window. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox", ...GRAPHICS] });
}

/** The path of Chromium. Throws an error that says what to install where there is none. */
export function findChromium(): string {
  const { CHROMIUM, PATH = "" } = process.env;
  if (CHROMIUM) return CHROMIUM;
  const paths = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const found = paths.find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    `No Chromium was found: none of ${NAMES.join(", ")} is on PATH. ` +
      "Install one (Debian and Ubuntu: apt-get install chromium), or set CHROMIUM to its path.",
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
