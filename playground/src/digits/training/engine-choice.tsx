// On what both contestants are trained; without an adapter there is no choice, and it is said why.
import type { JSX } from "preact";
import { type DigitsState, ENGINES, type EngineName } from "../../settings.js";
import type { View } from "./worker.js";

const TITLES: Readonly<Record<EngineName, string>> = { tfjs: "TensorFlow.js", webgpu: "WebGPU" };

interface EngineProps {
  readonly digits: DigitsState;
  readonly view: View | null;
  change(update: (present: DigitsState) => DigitsState): void;
}

export function EngineChoice({ digits, view, change }: EngineProps): JSX.Element {
  const gpu = view?.gpu ?? null;
  const isMissing = gpu !== null && !gpu.found;
  return (
    <div class="choice">
      <label class="count" for="digits-engine">
        Engine
        <select
          id="digits-engine"
          value={isMissing ? "tfjs" : digits.engine}
          aria-describedby="digits-engine-about"
          onChange={({ currentTarget: { value } }) => {
            const engine = ENGINES.find((name) => name === value);
            if (engine) change((present) => ({ ...present, engine }));
          }}
        >
          {ENGINES.map((name) => (
            <option key={name} value={name} disabled={name === "webgpu" && isMissing}>
              {TITLES[name]}
            </option>
          ))}
        </select>
      </label>
      <span id="digits-engine-about" class="quiet">
        {isMissing ? `There is no WebGPU here: ${gpu.about}` : ABOUT[digits.engine]}
      </span>
    </div>
  );
}

const ABOUT: Readonly<Record<EngineName, string>> = {
  tfjs: "",
  webgpu: "Kernels in WGSL and rmsprop/webgpu, one submit a step. TensorFlow.js' own optimizers stay on TensorFlow.js.",
};
