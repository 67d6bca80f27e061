// A device as the library sees it, watched: what it is asked for is counted, and limits can be smaller than the real ones.

/** What a device and its queue were asked for. */
export interface Calls {
  count(method: string): number;
  /** Buffers, bind groups, layouts, shader modules and pipelines made. */
  created(): number;
  /** Buffers that were made and not destroyed. */
  live(): number;
  reset(): void;
}

/** The device, with other limits, and the count of its calls. */
export function spiedDevice(
  device: GPUDevice,
  limits: Readonly<Record<string, number>> = {},
): { device: GPUDevice; calls: Calls } {
  const counts = new Map<string, number>();
  const spied = <T extends object>(target: T, own: Readonly<Record<string, unknown>>): T =>
    new Proxy(target, {
      get: (_, key) => {
        if (typeof key === "string" && key in own) return own[key];
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== "function") return value;
        return (...parameters: unknown[]) => {
          counts.set(String(key), (counts.get(String(key)) ?? 0) + 1);
          return value.apply(target, parameters);
        };
      },
    });
  const smaller = new Proxy(device.limits, {
    get: (target, key) => limits[String(key)] ?? Reflect.get(target, key, target),
  });
  const count = (method: string): number => counts.get(method) ?? 0;
  const created = (): number =>
    ["createBuffer", "createBindGroup", "createBindGroupLayout", "createShaderModule", "createComputePipeline"]
      .map(count)
      .reduce((sum, calls) => sum + calls, 0);
  const buffers = new Set<GPUBuffer>();
  const createBuffer = (descriptor: GPUBufferDescriptor): GPUBuffer => {
    counts.set("createBuffer", count("createBuffer") + 1);
    const buffer = device.createBuffer(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    buffers.add(buffer);
    // An own property before that of the class.
    buffer.destroy = () => {
      buffers.delete(buffer);
      destroy();
    };
    return buffer;
  };
  const queue = spied(device.queue, {});
  const calls = { count, created, live: () => buffers.size, reset: () => counts.clear() };
  return { device: spied(device, { queue, createBuffer, limits: smaller }), calls };
}
