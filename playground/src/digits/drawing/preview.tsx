// The image as the network sees it: 8 x 8 pixels of ink.
import type { JSX } from "preact";
import { PIXELS } from "../../../../examples/digits/data.js";
import type { Inputs } from "../../settings.js";
import { STUCK_INK, seenPixels } from "../training/inputs.js";

const SIDE = Math.sqrt(PIXELS);

interface PreviewProps {
  readonly pixels: Float32Array | null;
  readonly inputs: Inputs;
}

export function Preview({ pixels, inputs }: PreviewProps): JSX.Element {
  const seen = pixels && seenPixels(pixels, inputs);
  return (
    <figure>
      <svg id="preview" class="ink" viewBox={`0 0 ${SIDE} ${SIDE}`} role="img" aria-label="What the network sees">
        {[...(seen ?? [])].map((ink, i) => (
          <rect
            key={i}
            x={i % SIDE}
            y={Math.floor(i / SIDE)}
            width="1"
            height="1"
            class={ink > 1 ? "stuck" : ""}
            fill-opacity={Math.min(1, ink)}
          />
        ))}
      </svg>
      <figcaption>
        What the network sees{inputs === "stuck" && <small>, with one pixel stuck at {STUCK_INK} × full ink</small>}
      </figcaption>
    </figure>
  );
}
