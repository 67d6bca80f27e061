// Reading what a device holds: copied to buffers that the processor can see, and awaited.
import { copyArray, FLOAT_BYTES, type GpuArray, USAGE } from "./array.js";
import { Reports } from "./errors.js";

const MAP_READ_MODE = 1;

/** The elements of all arrays at one moment: once everything that was submitted before is done. Throws GpuError. */
export async function readArrays({ device, owner }: Reports, arrays: readonly GpuArray[]): Promise<Float32Array[]> {
  const reports = new Reports(device, owner);
  const names = arrays.map(({ label }) => label || "a buffer").join(", ");
  const staged = reports.watch(`to read ${names}`, () => stage(device, arrays));
  try {
    const mapped = staged.map(({ staging }) => staging.mapAsync(MAP_READ_MODE));
    await reports.answered();
    reports.throwFirst();
    await Promise.all(mapped);
    return staged.map(({ staging, byteLength }) => new Float32Array(staging.getMappedRange(0, byteLength).slice(0)));
  } catch (cause) {
    throw await reports.errorOf(cause);
  } finally {
    for (const { staging } of staged) staging.destroy();
  }
}

function stage(device: GPUDevice, arrays: readonly GpuArray[]): { staging: GPUBuffer; byteLength: number }[] {
  const encoder = device.createCommandEncoder();
  const staged = arrays.map((array) => {
    const byteLength = array.length * FLOAT_BYTES;
    const size = Math.max(FLOAT_BYTES, byteLength);
    const usage = USAGE.MAP_READ | USAGE.COPY_DST;
    const staging = device.createBuffer({ label: `${array.label}, read`, size, usage });
    copyArray(encoder, array, { ...array, buffer: staging, byteOffset: 0 });
    return { staging, byteLength };
  });
  device.queue.submit([encoder.finish()]);
  return staged;
}
