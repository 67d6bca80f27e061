// How long kernels take on a device: by its timestamps at the beginning and end of each pass, or without them by the
// processor's clock, from the first submit until all is done.
import type { Contender } from "../contender.js";
import { TIMESTAMPS } from "./gpu-adapter.js";

/** Puts one step into a command buffer. */
type EncodeStep = (encoder: GPUCommandEncoder) => void;

/** A contender whose steps are timed by the best clock that the device has. */
export function timedOnDevice(name: string, device: GPUDevice, encode: EncodeStep): Contender {
  const time = device.features.has(TIMESTAMPS) ? timedByDevice(device, encode) : timedByProcessor(device, encode);
  return { name, time };
}

function timedByProcessor(device: GPUDevice, encode: EncodeStep): Contender["time"] {
  return async (count) => {
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      const encoder = device.createCommandEncoder();
      encode(encoder);
      device.queue.submit([encoder.finish()]);
    }
    await device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
}

function timedByDevice(device: GPUDevice, encode: EncodeStep): Contender["time"] {
  const stamps = new PassStamps(device);
  return async (count) => {
    let milliseconds = 0;
    for (let done = 0; done < count; ) {
      const encoder = device.createCommandEncoder();
      const stamped = stamps.around(encoder);
      // All passes of a step are stamped, or none.
      do encode(stamped);
      while (++done < count && stamps.hasRoom);
      milliseconds += await stamps.submit(encoder);
    }
    return milliseconds;
  };
}

/** A query set has 4,096 places at most; half of them begin a pass. */
const MOST_PASSES = 2048;
/** What is left of it must do for the passes of a step. */
const PASSES_OF_A_STEP = 256;
const STAMP_BYTES = 8;
const NANOSECONDS = 1e6;
const USAGE = { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, QUERY_RESOLVE: 512 } as const;
const MAP_READ_MODE = 1;

class PassStamps {
  readonly #device: GPUDevice;
  readonly #stamps: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #read: GPUBuffer;
  #passes = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#stamps = device.createQuerySet({ type: "timestamp", count: 2 * MOST_PASSES });
    const size = 2 * MOST_PASSES * STAMP_BYTES;
    this.#resolved = device.createBuffer({ size, usage: USAGE.QUERY_RESOLVE | USAGE.COPY_SRC });
    this.#read = device.createBuffer({ size, usage: USAGE.MAP_READ | USAGE.COPY_DST });
  }

  get hasRoom(): boolean {
    return this.#passes + PASSES_OF_A_STEP <= MOST_PASSES;
  }

  /** The encoder, but its compute passes are stamped: also those that somebody else begins. */
  around(encoder: GPUCommandEncoder): GPUCommandEncoder {
    const beginComputePass = (descriptor: GPUComputePassDescriptor = {}): GPUComputePassEncoder => {
      const at = 2 * this.#passes++;
      const timestampWrites = {
        querySet: this.#stamps,
        ...{ beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 },
      };
      return encoder.beginComputePass({ ...descriptor, timestampWrites });
    };
    return new Proxy(encoder, {
      get: (target, key) => {
        if (key === "beginComputePass") return beginComputePass;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  /** Submits what was encoded; the milliseconds that all stamped passes took. */
  async submit(encoder: GPUCommandEncoder): Promise<number> {
    const count = 2 * this.#passes;
    this.#passes = 0;
    encoder.resolveQuerySet(this.#stamps, 0, count, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#read, 0, count * STAMP_BYTES);
    this.#device.queue.submit([encoder.finish()]);
    await this.#read.mapAsync(MAP_READ_MODE, 0, count * STAMP_BYTES);
    const stamps = new BigUint64Array(this.#read.getMappedRange(0, count * STAMP_BYTES).slice(0));
    this.#read.unmap();
    let nanoseconds = 0n;
    for (let i = 0; i < count; i += 2) nanoseconds += (stamps[i + 1] ?? 0n) - (stamps[i] ?? 0n);
    return Number(nanoseconds) / NANOSECONDS;
  }
}
