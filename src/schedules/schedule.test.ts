import { describe, expect, test } from "vitest";
import { ExponentialDecay, LearningRateSchedule } from "./index.js";

class Halving extends LearningRateSchedule {
  override call(step: number): number {
    return 0.1 / (step + 1);
  }
}

class Linear extends LearningRateSchedule {
  static override readonly className: string = "MyLinear";
  readonly perStep: number;

  constructor({ perStep, name }: { readonly perStep: number; readonly name?: string }) {
    super(name);
    this.perStep = perStep;
  }

  override call(step: number): number {
    return this.perStep * step;
  }

  override getConfig(): Record<string, unknown> {
    return { per_step: this.perStep, name: this.name };
  }
}

describe("a schedule of one's own", () => {
  test("needs nothing but call", () => {
    const schedule = new Halving();
    expect([schedule.call(0), schedule.call(1), schedule.name]).toEqual([0.1, 0.05, "Halving"]);
    expect(schedule).toBeInstanceOf(LearningRateSchedule);
  });

  test("without getConfig says so when it is to be saved", () => {
    expect(() => new Halving().getConfig()).toThrow("Halving: getConfig must be overridden to save this schedule.");
  });

  test("is made again from its config, in camelCase", () => {
    const schedule = Linear.fromConfig(new Linear({ perStep: 0.5, name: "up" }).getConfig());
    expect(schedule).toBeInstanceOf(Linear);
    expect([schedule.call(3), schedule.name]).toEqual([1.5, "up"]);
  });

  test("goes by its className, and without one by the name of its class, also below a built-in one", () => {
    class Slower extends ExponentialDecay {}
    expect(new Linear({ perStep: 1 }).name).toBe("MyLinear");
    expect(() => new Halving("a/b")).toThrow("Halving: name must be a string without /");
    expect(new Slower({ initialLearningRate: 1, decaySteps: 1, decayRate: 1 }).name).toBe("ExponentialDecay");
  });
});
