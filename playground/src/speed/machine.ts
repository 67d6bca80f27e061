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
  return [simd(), threads(), await webgpu()];
}

function simd(): Finding {
  const name = "WebAssembly SIMD";
  if (typeof WebAssembly === "undefined") return missing(name, "This browser has no WebAssembly.");
  if (!WebAssembly.validate(SIMD_MODULE)) return missing(name, "This browser's WebAssembly has no vectors.");
  try {
    new WebAssembly.Module(SIMD_MODULE);
  } catch {
    return missing(name, "The policy of this page refuses WebAssembly, so JavaScript computes.");
  }
  return { name, found: true, about: "Four parameters at a time." };
}

function threads(): Finding {
  const name = "Threads";
  const about = `This machine can run ${navigator.hardwareConcurrency} at a time.`;
  if (globalThis.crossOriginIsolated) return { name, found: true, about };
  const cause =
    "This page is not cross-origin isolated: its host sends no COOP and COEP headers. Load it once more: where the browser allows it, its service worker adds them.";
  return missing(name, `${cause} Steps run on one thread.`);
}

async function webgpu(): Promise<Finding> {
  const name = "WebGPU";
  if (!("gpu" in navigator) || !navigator.gpu) return missing(name, "This browser does not offer it to this page.");
  const adapter = await navigator.gpu.requestAdapter().catch(() => null);
  if (!adapter) return missing(name, "The browser knows it, but found no graphics adapter that it may use.");
  const { vendor, architecture } = adapter.info;
  return { name, found: true, about: [vendor, architecture].filter(Boolean).join(" ") || "An adapter without a name." };
}

function missing(name: string, about: string): Finding {
  return { name, found: false, about };
}
