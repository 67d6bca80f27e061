// What this browser has of the things that make steps fast, and why one is missing, in words.

/** One thing, whether it is there, and what that means. */
export interface Finding {
  readonly name: string;
  readonly found: boolean;
  readonly about: string;
}

// A module of one function that makes a vector of zeros and drops it.
const SIMD_MODULE = Uint8Array.from([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0],
  ...[10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11],
]);

export async function findings(): Promise<Finding[]> {
  return [findSimd(), threads(), await webgpu()];
}

const BROWSERS = { Edg: "Edge", OPR: "Opera", Firefox: "Firefox", Chrome: "Chrome", Version: "Safari" };
const SYSTEMS = {
  ...{ Android: "Android", iPhone: "iOS", iPad: "iPadOS", Windows: "Windows" },
  ...{ "Mac OS X": "macOS", CrOS: "ChromeOS", Linux: "Linux" },
};

/** The browser, its system and its threads: enough to tell whose numbers they are. */
export function machineName({
  userAgent,
  hardwareConcurrency,
}: Pick<Navigator, "userAgent" | "hardwareConcurrency">): string {
  const browser = Object.entries(BROWSERS).flatMap(([word, name]) => {
    const version = new RegExp(`${word}\\/(\\d+)`).exec(userAgent)?.[1];
    return version === undefined ? [] : [`${name} ${version}`];
  });
  const system = Object.entries(SYSTEMS).find(([word]) => userAgent.includes(word))?.[1];
  return `${browser[0] ?? "a browser"} on ${system ?? "an unknown system"}, ${hardwareConcurrency || 1} threads`;
}

/** Whether WebAssembly with vectors can be made here. */
export function findSimd(): Finding {
  const name = "WebAssembly SIMD";
  if (typeof WebAssembly === "undefined")
    return missing(name, "This browser has no WebAssembly, so JavaScript computes. Measure to see what that costs.");
  if (!WebAssembly.validate(SIMD_MODULE)) return missing(name, "This browser's WebAssembly has no vectors.");
  try {
    new WebAssembly.Module(SIMD_MODULE);
  } catch {
    return missing(
      name,
      "The policy of this page refuses WebAssembly, so JavaScript computes. Measure to see what that costs.",
    );
  }
  return { name, found: true, about: "It updates four parameters at a time." };
}

function threads(): Finding {
  const name = "Threads";
  const about = `This machine runs ${navigator.hardwareConcurrency} at a time.`;
  if (globalThis.crossOriginIsolated) return { name, found: true, about };
  const cause =
    "This page is not cross-origin isolated: its host sends no COOP and COEP headers. Reload it: where the browser allows it, its service worker adds them.";
  return missing(name, `${cause} Steps run on one thread.`);
}

async function webgpu(): Promise<Finding> {
  const name = "WebGPU";
  const { adapter, reason } = await findAdapter();
  if (!adapter) return missing(name, reason);
  const { vendor, architecture, device, description } = adapter.info;
  const words = [vendor, architecture, device].filter(Boolean).join(" ");
  const adapterName = description || words || "an adapter without a name";
  const about = `On ${adapterName}${description && words ? ` (${words})` : ""}.`;
  return { name, found: true, about: isSoftware(adapter) ? `${about} ${SOFTWARE}` : about };
}

const SOFTWARE = "It is a software adapter, which computes on the processor: its bars say nothing about a GPU.";

function isSoftware({ info }: GPUAdapter): boolean {
  return info.isFallbackAdapter || info.architecture === "swiftshader";
}

/** The adapter that pages get, or in words why there is none. */
export async function findAdapter(): Promise<
  { readonly adapter: GPUAdapter; readonly reason: "" } | { readonly adapter: null; readonly reason: string }
> {
  if (!("gpu" in navigator) || !navigator.gpu)
    return { adapter: null, reason: "This browser does not offer it to this page." };
  const adapter = await navigator.gpu.requestAdapter().catch(() => null);
  if (adapter) return { adapter, reason: "" };
  return { adapter: null, reason: "The browser supports it, but found no graphics adapter that it may use." };
}

function missing(name: string, about: string): Finding {
  return { name, found: false, about };
}
