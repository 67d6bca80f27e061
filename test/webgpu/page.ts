// What runs in a page of Chromium: the same steps with core and on the page's device.
import * as core from "rmsprop";
import { GpuVariable, LossScaleOptimizer, RMSprop } from "rmsprop/webgpu";

/** What a page found: the adapter, and for each set of options the elements whose bits differ. */
export interface PageReport {
  readonly adapter: string;
  readonly differing: Readonly<Record<string, number>>;
  readonly scale: readonly number[];
}

const SIZES = [1, 7, 129, 5000, 70_001];
const OPTIONS: readonly core.RMSpropOptions[] = [
  {},
  { momentum: 0.9, centered: true },
  { clipnorm: 0.37, weightDecay: 0.01 },
  { globalClipnorm: 0.37, lossScaleFactor: 4 },
  { clipvalue: 0.1, gradientAccumulationSteps: 2, useEma: true, emaOverwriteFrequency: 2 },
];
const STEPS = 4;

const values = (size: number, of: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => (((i + of) * 7919) % 1013) / 1013 - 0.5);

/** Throws where there is no adapter. */
export async function pageReport(): Promise<PageReport> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) throw new Error("The page found no GPU adapter.");
  const device = await adapter.requestDevice();
  const differing: Record<string, number> = {};
  for (const options of OPTIONS) differing[JSON.stringify(options)] = await differingElements(device, options);
  const { vendor, architecture } = adapter.info;
  return { adapter: `${vendor} ${architecture}`, differing, scale: await scaleAfterOverflow(device) };
}

async function differingElements(device: GPUDevice, options: core.RMSpropOptions): Promise<number> {
  const expected = SIZES.map((size) => values(size, 0));
  const variables = SIZES.map((size) => new GpuVariable(device, values(size, 0)));
  const [reference, optimizer] = [new core.RMSprop(options), new RMSprop(device, options)];
  for (let step = 1; step <= STEPS; step++) {
    const gradients = SIZES.map((size) => values(size, step));
    reference.apply(gradients, expected);
    optimizer.apply(
      gradients.map((gradient) => new GpuVariable(device, gradient)),
      variables,
    );
  }
  await optimizer.ready();
  const received = await Promise.all(variables.map((variable) => variable.read()));
  return expected
    .map((array, i) => array.filter((value, at) => !Object.is(value, received[i]?.[at])).length)
    .reduce((sum, count) => sum + count, 0);
}

/** Scale, step counter and iterations after two steps of which the first is not finite. */
async function scaleAfterOverflow(device: GPUDevice): Promise<number[]> {
  const optimizer = new LossScaleOptimizer(new RMSprop(device), { initialScale: 8 });
  const variable = new GpuVariable(device, [1, 2]);
  optimizer.apply([new GpuVariable(device, [1, Number.POSITIVE_INFINITY])], [variable]);
  optimizer.apply([new GpuVariable(device, [1, 1])]);
  await optimizer.settle();
  return [optimizer.dynamicScale, optimizer.stepCounter, optimizer.iterations];
}
