// Which files of the repository are pages of the guide, in their order, and where a file lies in the site.
import { NAN_PATH } from "../src/pages.js";

/** A page of the guide: a file of the repository, and its name in lists of pages. */
export interface GuidePage {
  readonly source: string;
  readonly title: string;
}

/** The guide, in the order of reading. */
export const GUIDE: readonly GuidePage[] = [
  { source: "README.md", title: "Overview" },
  { source: "docs/first-step.md", title: "First step" },
  { source: "docs/coming-from.md", title: "Coming from Python" },
  { source: "docs/options.md", title: "Every option" },
  { source: "docs/rates-by-layer.md", title: "Rates by layer" },
  { source: "docs/tensorflow.md", title: "TensorFlow.js" },
  { source: "docs/callbacks.md", title: "Callbacks" },
  { source: "docs/survive.md", title: "Training that survives" },
  { source: "docs/jax.md", title: "jax-js" },
  { source: "docs/webgpu.md", title: "WebGPU" },
  { source: "docs/own-optimizer.md", title: "Own optimizer" },
  { source: "docs/checkpoints.md", title: "Checkpoints" },
  { source: "docs/keras-files.md", title: "Keras and back" },
  { source: "docs/setups.md", title: "Bundlers, runtimes" },
  { source: "docs/performance.md", title: "Performance" },
  { source: "docs/numbers.md", title: "Numbers" },
  { source: "docs/scale.md", title: "Scaling" },
];

/** Pages that Vite builds, by their files: a page of the guide that links to one leads to the page itself. */
const BUILT: Readonly<Record<string, string>> = { [`playground/${NAN_PATH}`]: NAN_PATH };

/** Whether a file is built elsewhere, so that the guide has no page of it. */
export function isBuilt(source: string): boolean {
  return source in BUILT;
}

const PICTURE = /\.(svg|png)$/;

/** Whether a file is shown as it is, in place of a page about it. */
export function isPicture(source: string): boolean {
  return PICTURE.test(source);
}

/** The file's path in the site: the guide in `guide/`, everything that it links to in `source/`. */
export function pathInSite(source: string): string {
  const built = BUILT[source];
  if (built !== undefined) return built;
  if (source === "README.md") return "guide/index.html";
  if (GUIDE.some((page) => page.source === source)) return source.replace(/^docs\/(.*)\.md$/, "guide/$1.html");
  return isPicture(source) ? `source/${source}` : `source/${source}.html`;
}
