// What cannot work is said clearly: at once where it can be seen, by the next call and by ready() where only the device
// sees it; and other optimizers go on.
import { constraints, defineRule, Variable } from "rmsprop";
import { GpuError, GpuVariable, LossScaleOptimizer, Optimizer, RMSprop, StateError } from "rmsprop/webgpu";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FRAMEWORKS } from "../contract/reactive.js";
import { ALL_USAGES, bufferOf, type Gpu, startDevice, USAGE } from "./device.js";

let gpu: Gpu;
let other: Gpu;
beforeAll(async () => {
  gpu = await startDevice();
  other = await startDevice();
});
afterAll(() => {
  gpu.device.destroy();
  other.device.destroy();
});

const buffer = (size: number, usage: number = ALL_USAGES, device = gpu.device): GPUBuffer =>
  device.createBuffer({ size, usage });
const variable = (size = 4): GpuVariable => new GpuVariable(gpu.device, new Float32Array(size), { name: "w" });
const anything = (value: unknown): never => value as never;

/** Each with the class of the error, and words of its message. */
const REFUSED: readonly (readonly [string, () => unknown, new (...parameters: never[]) => Error, string])[] = [
  ["no device", () => new RMSprop(anything(undefined)), TypeError, "device must be a GPUDevice"],
  ["an adapter", () => new RMSprop(anything(gpu.adapter)), TypeError, "await adapter.requestDevice()"],
  ["a wrong option", () => new RMSprop(gpu.device, anything({ lr: 1 })), TypeError, "lr must be a known argument"],
  [
    "the class of a constraint",
    () => new GpuVariable(gpu.device, [1], { constraint: anything(constraints.NonNeg) }),
    TypeError,
    "received constraint=function NonNeg. Make one with new.",
  ],
  [
    "a Variable of core",
    () => new RMSprop(gpu.device).build([anything(new Variable([1]))]),
    TypeError,
    'Take the optimizer from "rmsprop", to which it belongs.',
  ],
  [
    "a loss of NaN",
    () => new RMSprop(gpu.device).minimize(() => ({ value: Number.NaN, gradients: [variable()] }), [variable()]),
    RangeError,
    "RMSprop: loss must return a loss that is a number; received loss=a loss of NaN. Nothing was changed.",
  ],
  [
    "a decay of Keras 2",
    () => RMSprop.fromConfig(gpu.device, { learning_rate: 0.5, rho: 0.9, decay: 0.1 }),
    RangeError,
    '"class_name":"InverseTimeDecay","config":{"initial_learning_rate":0.5,"decay_steps":1,"decay_rate":0.1}',
  ],
  ["no numbers", () => new GpuVariable(gpu.device, anything("1")), TypeError, "value must be numbers or a buffer"],
  [
    "a wrong shape",
    () => new GpuVariable(gpu.device, [1, 2], { shape: [3] }),
    RangeError,
    "3 elements of its shape [3]",
  ],
  [
    "more than a buffer holds",
    () => new GpuVariable(gpu.device, new Uint8Array(gpu.device.limits.maxBufferSize / 4 + 1)),
    RangeError,
    "maxBufferSize",
  ],
  [
    "a buffer without STORAGE",
    () => new GpuVariable(gpu.device, buffer(16, USAGE.COPY_DST)),
    TypeError,
    "value must have the usage flag STORAGE; received value=a buffer with COPY_DST.",
  ],
  [
    "an offset that cannot be bound",
    () => new GpuVariable(gpu.device, buffer(1024), { byteOffset: 4, shape: [2] }),
    RangeError,
    "byteOffset must be a multiple of 256",
  ],
  [
    "an offset without a buffer",
    () => new GpuVariable(gpu.device, [1], { byteOffset: 256 }),
    TypeError,
    "byteOffset must come with a GPUBuffer",
  ],
  [
    "a buffer that ends too soon",
    () => new GpuVariable(gpu.device, buffer(512), { byteOffset: 256, shape: [65] }),
    RangeError,
    "value must have 260 bytes from byte 256 on; received value=a buffer of 512 bytes.",
  ],
  [
    "a variable of another device",
    () => new RMSprop(gpu.device).build([new GpuVariable(other.device, [1])]),
    RangeError,
    "variables[0] must be on the optimizer's device",
  ],
  ["a typed array", () => new RMSprop(gpu.device).build([anything(new Float32Array(2))]), TypeError, "new GpuVariable"],
  [
    "a buffer that is mapped",
    () => new RMSprop(gpu.device).build([gpu.device.createBuffer({ size: 16, usage: 128, mappedAtCreation: true })]),
    Error,
    "variables[0] is mapped, so that no kernel can have it. Call unmap() first.",
  ],
  [
    "the same memory twice",
    () => {
      const shared = buffer(1024);
      const a = new GpuVariable(gpu.device, shared, { shape: [65], name: "a" });
      const b = new GpuVariable(gpu.device, shared, { byteOffset: 256, shape: [4], name: "b" });
      new RMSprop(gpu.device).build([a, b]);
    },
    RangeError,
    "variables must not share memory; received variables=a and b.",
  ],
  [
    "a gradient too small",
    () => new RMSprop(gpu.device).apply([buffer(8)], [variable()]),
    RangeError,
    "gradients[0] must have 16 bytes",
  ],
  [
    "a gradient of another size",
    () => new RMSprop(gpu.device).apply([variable(5)], [variable()]),
    RangeError,
    "gradients[0] must have the shape [4] of w, 4 elements; received gradients[0]=shape [5].",
  ],
  ["no gradient at all", () => new RMSprop(gpu.device).apply([null], [variable()]), RangeError, "not all be null"],
  [
    "too few gradients",
    () => new RMSprop(gpu.device).apply([], [variable()]),
    RangeError,
    "gradients must have 1 items",
  ],
  [
    "a gradient of numbers",
    () => new RMSprop(gpu.device).apply([anything([1])], [variable()]),
    TypeError,
    "gradients[0] must be a GPUBuffer",
  ],
  ["no variables", () => new RMSprop(gpu.device).apply([buffer(16)]), Error, "Call build(variables) first"],
  [
    "another variable than those of the first call",
    () => {
      const optimizer = new RMSprop(gpu.device);
      optimizer.build([variable()]);
      optimizer.apply([buffer(16)], [variable()]);
    },
    RangeError,
    "variables[0] must be one that the optimizer was built with",
  ],
  [
    "a variable that was disposed",
    () => {
      const [gone, optimizer] = [variable(), new RMSprop(gpu.device)];
      optimizer.build([gone]);
      gone.dispose();
      optimizer.apply([buffer(16)]);
    },
    Error,
    "variable w was disposed",
  ],
  [
    "an optimizer that was disposed",
    () => {
      const optimizer = new RMSprop(gpu.device);
      optimizer.dispose();
      optimizer.dispose();
      optimizer.apply([buffer(16)], [variable()]);
    },
    Error,
    "rmsprop was disposed. Make a new one.",
  ],
  [
    "averages for a variable without COPY_DST",
    () => {
      const optimizer = new RMSprop(gpu.device, { useEma: true });
      optimizer.build([new GpuVariable(gpu.device, buffer(16, USAGE.STORAGE), { name: "w" })]);
      optimizer.finalizeVariableValues();
    },
    TypeError,
    "w must have the usage flag COPY_DST",
  ],
  [
    "a gradient in a variable's memory that cannot be copied",
    () => {
      const own = buffer(16, USAGE.STORAGE);
      new RMSprop(gpu.device).apply([own], [own]);
    },
    TypeError,
    "gradients[0] must have the usage flag COPY_SRC",
  ],
  [
    "an optimizer of another face",
    () => new LossScaleOptimizer(anything({})),
    TypeError,
    "innerOptimizer must be an optimizer",
  ],
];

describe("said at once", () => {
  test.each(REFUSED)("%s", (_, act, type, words) => {
    expect(act).toThrow(type);
    expect(act).toThrow(words);
  });

  test("a variable is read only where its buffer can be copied", async () => {
    const own = new GpuVariable(gpu.device, buffer(16, USAGE.STORAGE), { name: "w" });
    await expect(own.read()).rejects.toThrow("w must have the usage flag COPY_SRC");
    expect(() => own.assign([1, 2, 3, 4])).toThrow("w must have the usage flag COPY_DST");
  });

  test("a gradient or a variable that was good in the last call is refused once it is disposed of", () => {
    const [own, optimizer] = [variable(), new RMSprop(gpu.device)];
    const gradient = new GpuVariable(gpu.device, [1, 1, 1, 1], { name: "g" });
    for (let i = 0; i < 2; i++) optimizer.apply([gradient], [own]);
    gradient.dispose();
    expect(() => optimizer.apply([gradient], [own])).toThrow("g was disposed");
    const other = buffer(16);
    for (let i = 0; i < 2; i++) optimizer.apply([other]);
    own.dispose();
    expect(() => optimizer.apply([other])).toThrow("variable w was disposed");
    expect(optimizer.iterations).toBe(4);
  });

  test("a list is read once, before anything is looked at: a getter may dispose of a variable", async () => {
    const [a, b, gradient] = [variable(), variable(), new GpuVariable(gpu.device, [1, 2, 3, 4])];
    const optimizer = new RMSprop(gpu.device);
    const [good, odd] = [
      [gradient, gradient],
      [gradient, gradient],
    ];
    let reads = 0;
    Object.defineProperty(odd, 1, { get: () => (reads++ === 0 ? gradient : "something else") });
    optimizer.apply(odd, [a, b]);
    const twin = [variable(), variable()];
    new RMSprop(gpu.device).apply(good, twin);
    expect(await Promise.all([a, b].map((each) => each.read()))).toEqual(
      await Promise.all(twin.map((each) => each.read())),
    );
    const disposing = (): GpuVariable => {
      a.dispose();
      return gradient;
    };
    const acting = Object.defineProperty([gradient, gradient], 0, { get: disposing });
    expect(() => optimizer.apply(acting, [a, b])).toThrow(StateError);
    expect(optimizer.iterations).toBe(1);
    for (const made of [optimizer, b, gradient, ...twin]) made.dispose();
  });

  test.each(Object.entries(FRAMEWORKS))("%s leaves optimizers and variables of this face alone", (_, wrap) => {
    const own = {
      optimizer: new RMSprop(gpu.device),
      scaled: new LossScaleOptimizer(new RMSprop(gpu.device)),
      w: variable(),
    };
    const state = wrap(own);
    for (const key of ["optimizer", "scaled", "w"] as const) expect(state[key]).toBe(own[key]);
    for (const made of Object.values(own)) made.dispose();
  });

  test("a call that was refused has changed nothing", async () => {
    const [own, optimizer] = [new GpuVariable(gpu.device, [1, 2]), new RMSprop(gpu.device)];
    optimizer.apply([bufferOf(gpu.device, [1, 1])], [own]);
    const before = await optimizer.getWeights();
    expect(() => optimizer.apply([buffer(4)])).toThrow(RangeError);
    expect(await optimizer.getWeights()).toEqual(before);
    expect(optimizer.iterations).toBe(1);
  });
});

describe("said by the device", () => {
  test("a gradient that was destroyed: the step is not counted, and the optimizer goes on with another one", async () => {
    const [own, optimizer] = [new GpuVariable(gpu.device, [1, 2], { name: "w" }), new RMSprop(gpu.device)];
    const [gone, bystander] = [bufferOf(gpu.device, [1, 1]), new RMSprop(gpu.device)];
    optimizer.apply([bufferOf(gpu.device, [1, 1])], [own]);
    const before = await own.read();
    gone.destroy();
    optimizer.apply([gone]);
    bystander.apply([bufferOf(gpu.device, [1, 1])], [new GpuVariable(gpu.device, [1, 2])]);
    await expect(optimizer.ready()).rejects.toThrow(GpuError);
    expect(optimizer.iterations).toBe(1);
    expect(await own.read()).toEqual(before);
    optimizer.apply([bufferOf(gpu.device, [1, 1])]);
    await Promise.all([optimizer.ready(), bystander.ready()]);
    expect(optimizer.iterations).toBe(2);
  });

  test("a buffer of another device is named by the variable of its step", async () => {
    const [own, optimizer] = [new GpuVariable(gpu.device, [1, 2], { name: "kernel" }), new RMSprop(gpu.device)];
    optimizer.apply([bufferOf(other.device, [1, 1])], [own]);
    const words =
      /^RMSprop: the step of kernel was refused by the device \(.*\)\. Pass buffers of the optimizer's device/;
    await expect(optimizer.ready()).rejects.toThrow(words);
    expect(optimizer.iterations).toBe(0);
  });

  test("without a wait, the next call throws", async () => {
    const [own, optimizer] = [new GpuVariable(gpu.device, [1, 2]), new RMSprop(gpu.device)];
    const gone = bufferOf(gpu.device, [1, 1]);
    gone.destroy();
    optimizer.apply([gone], [own]);
    await gpu.device.queue.onSubmittedWorkDone();
    await new Promise((resolve) => setTimeout(resolve));
    expect(() => optimizer.apply([bufferOf(gpu.device, [1, 1])])).toThrow(GpuError);
  });

  test("a device that is lost is named as the reason; an optimizer of another device goes on", async () => {
    const { device } = await startDevice();
    const [lost, kept] = [new RMSprop(device), new RMSprop(gpu.device)];
    lost.apply([bufferOf(device, [1, 1])], [new GpuVariable(device, [1, 2])]);
    device.destroy();
    await device.lost;
    await new Promise((resolve) => setTimeout(resolve));
    const words = /^RMSprop: the device was lost \(destroyed.*\)\. Make a new device/;
    expect(() => lost.apply([buffer(8)])).toThrow(words);
    await expect(lost.getWeights()).rejects.toMatchObject({ name: "GpuError", reason: "lost" });
    lost.dispose();
    kept.apply([bufferOf(gpu.device, [1, 1])], [new GpuVariable(gpu.device, [1, 2])]);
    await kept.ready();
  });

  test("what was destroyed cannot be read, and is not read as zeros", async () => {
    const own = buffer(8);
    const wrapped = new GpuVariable(gpu.device, own, { name: "w" });
    own.destroy();
    await expect(wrapped.read()).rejects.toThrow(/^GpuVariable: to read w was refused by the device/);
    const { device } = await startDevice();
    const lost = new GpuVariable(device, [1, 2]);
    device.destroy();
    await expect(lost.read()).rejects.toMatchObject({ name: "GpuError", reason: "lost" });
  });

  test("a rule with more arrays than a kernel of the device may touch", () => {
    const slots = ["a", "b", "c", "d", "e", "f", "g"] as const;
    const rule = defineRule({ slots, scalars: [], update: (_op, x) => ({ variable: x.gradient }) });
    const definition = { className: "Greedy", options: {}, rule };
    const optimizer = new Optimizer(gpu.device, definition, {});
    const words = "Greedy: a step touches 9 storage buffers, and a kernel of this device may touch 8. Ask for a larger";
    expect(() => optimizer.apply([buffer(16)], [variable()])).toThrow(words);
    expect(optimizer.iterations).toBe(0);
  });

  test("memory that the device does not have", async () => {
    const { device } = await startDevice();
    const refusing = new Proxy(device, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (key !== "popErrorScope") return typeof value === "function" ? value.bind(target) : value;
        // What a device does that has no memory left; SwiftShader always has some.
        return async () => (await target.popErrorScope()) ?? (refuse ? { message: "Out of memory." } : null);
      },
    });
    let refuse = false;
    const own = new GpuVariable(refusing, [1, 2], { name: "w" });
    const optimizer = new RMSprop(refusing);
    refuse = true;
    optimizer.build([own]);
    await expect(optimizer.ready()).rejects.toMatchObject({ name: "GpuError", reason: "out-of-memory" });
    optimizer.dispose();
    device.destroy();
  });
});
