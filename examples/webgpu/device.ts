// A device in Node: Dawn's, from the package "webgpu". A page has navigator.gpu instead, and the globals.
import { create, globals } from "webgpu";

Object.assign(globalThis, globals);
// Devices live as long as this one.
const gpu: GPU = create([]);

/** A device with the name of its adapter. Rejects with a RangeError where there is none. */
export async function startDevice(): Promise<{ readonly device: GPUDevice; readonly name: string }> {
  const adapter = await gpu.requestAdapter();
  if (adapter === null) {
    throw new RangeError("webgpu: there is no GPU adapter. Without a GPU, Debian's chromium has SwiftShader.");
  }
  const { vendor, architecture, description } = adapter.info;
  const device = await adapter.requestDevice();
  return { device, name: description || [vendor, architecture].filter(Boolean).join(" ") };
}
