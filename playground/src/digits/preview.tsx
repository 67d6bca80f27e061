// The image as the network sees it: 8 x 8 pixels of ink.
import type { JSX } from "preact";
import { PIXELS } from "../../../examples/digits/data.js";

const SIDE = Math.sqrt(PIXELS);

export function Preview({ pixels }: { pixels: Float32Array | null }): JSX.Element {
  return (
    <figure>
      <svg id="preview" class="ink" viewBox={`0 0 ${SIDE} ${SIDE}`} role="img" aria-label="What the network sees">
        {[...(pixels ?? [])].map((ink, i) => (
          <rect key={i} x={i % SIDE} y={Math.floor(i / SIDE)} width="1" height="1" fill-opacity={ink} />
        ))}
      </svg>
      <figcaption>What the network sees</figcaption>
    </figure>
  );
}
