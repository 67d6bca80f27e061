import { expect, test } from "vitest";
import * as core from "rmsprop";
import { GpuVariable, RMSprop } from "rmsprop/webgpu";
import { fill, streamOf } from "../oracle/bits.js";
import { bufferOf, startDevice } from "./device.js";

test.each([{}, { momentum: 0.9, centered: true, clipnorm: 1, useEma: true, weightDecay: 0.1, gradientAccumulationSteps: 2, emaOverwriteFrequency: 2, lossScaleFactor: 4 }, { globalClipnorm: 0.3 }])("smoke %o", async (options) => {
  const { device } = await startDevice();
  const sizes = [1, 7, 8, 129, 1000, 5000, 40000];
  const init = sizes.map((n, i) => fill(n, "float32", "normal", streamOf(1, 0, i)));
  const ours = init.map((v) => new core.Variable(v));
  const theirs = init.map((v) => new GpuVariable(device, v));
  const a = new core.RMSprop(options), b = new RMSprop(device, options);
  for (let s = 0; s < 6; s++) {
    const g = sizes.map((n, i) => fill(n, "float32", "normal", streamOf(1, s + 1, i)) as Float32Array);
    a.apply(g, ours);
    b.apply(g.map((x) => bufferOf(device, x)), theirs);
    await b.ready();
    for (let i = 0; i < sizes.length; i++) {
      const got = await theirs[i]!.read();
      expect({ s, n: sizes[i], same: Buffer.compare(Buffer.from(got.buffer), Buffer.from(ours[i]!.value.slice().buffer)) }).toEqual({ s, n: sizes[i], same: 0 });
    }
  }
  await b.ready();
});
