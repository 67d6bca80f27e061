// The device that trains: asked for when a run needs it, and anew once it was lost.
import { findAdapter } from "../../../speed/machine.js";

/** What there is of WebGPU, in words. */
export interface GpuFinding {
  readonly found: boolean;
  /** The adapter, or why there is none. */
  readonly about: string;
}

export async function findGpu(): Promise<GpuFinding> {
  const { adapter, reason } = await findAdapter();
  if (!adapter) return { found: false, about: reason };
  const { vendor, architecture, description } = adapter.info;
  const name = description || [vendor, architecture].filter(Boolean).join(" ");
  return { found: true, about: name || "an adapter without a name" };
}

let present: Promise<GPUDevice> | null = null;

/** The same device for all runs. Rejects with an Error in words. */
export function trainingDevice(): Promise<GPUDevice> {
  present ??= requestDevice().catch((error: unknown) => {
    present = null;
    throw error;
  });
  return present;
}

async function requestDevice(): Promise<GPUDevice> {
  const { adapter, reason } = await findAdapter();
  if (!adapter) throw new Error(reason);
  const device = await adapter.requestDevice();
  device.lost.then(() => {
    present = null;
  });
  return device;
}
