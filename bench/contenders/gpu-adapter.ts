// The adapter that is measured, what its figures are worth, and by which clock.
import { create } from "webgpu";

interface MeasuredGpu {
  readonly device: GPUDevice;
  /** For the notes under a table. */
  readonly notes: readonly string[];
}

// Dawn rounds the times of passes to a tenth of a millisecond unless it is told not to. Devices live as long as this one.
const gpu: GPU = create(["disable-dawn-features=timestamp_quantization"]);

/** A device with timestamps where there are any. Throws where there is no adapter. */
export async function startMeasuredGpu(): Promise<MeasuredGpu> {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) {
    throw new Error("no GPU adapter was found: without a GPU, Debian's chromium has SwiftShader");
  }
  const requiredFeatures: GPUFeatureName[] = adapter.features.has(TIMESTAMPS) ? [TIMESTAMPS] : [];
  const limits = ["maxBufferSize", "maxStorageBufferBindingSize"] as const;
  const requiredLimits = Object.fromEntries(limits.map((name) => [name, adapter.limits[name]]));
  const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
  return { device, notes: [adapterNote(adapter.info), clockNote(device), ...softwareNotes(adapter.info)] };
}

export const TIMESTAMPS = "timestamp-query";

/** What tells adapters apart. */
type Info = Pick<GPUAdapterInfo, "vendor" | "architecture" | "device" | "description" | "isFallbackAdapter">;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp/i;

/** Whether it computes on the processor. */
export function isSoftware({ isFallbackAdapter, vendor, architecture, device, description }: Info): boolean {
  return isFallbackAdapter || [vendor, architecture, device, description].some((text) => SOFTWARE.test(text));
}

/** What is said of the figures of such an adapter. */
export function softwareNotes(info: Info): string[] {
  return isSoftware(info) ? ["This adapter is software on the processor: its figures mean nothing for a GPU."] : [];
}

function adapterNote({ vendor, architecture, device, description }: Info): string {
  const name = [vendor, architecture, device].filter(Boolean).join(" ") || "without a name";
  return `Adapter: ${name}; driver: ${description || "unknown"}.`;
}

function clockNote({ features }: GPUDevice): string {
  return features.has(TIMESTAMPS)
    ? "Kernels are timed by the device's timestamps."
    : "The device offers no timestamps: times are from the first submit until the device has done the last one.";
}
