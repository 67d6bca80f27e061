// The median rate of the weights of each input pixel, as an 8 x 8 map: the darker, the higher.
import type { JSX } from "preact";
import { PIXELS } from "../../../../examples/digits/data.js";
import { placeOf, type Span } from "./bins.js";
import { rateText } from "./words.js";

const SIDE = Math.sqrt(PIXELS);
/** A pixel of the lowest rate is seen, too. */
const FAINTEST = 0.08;

interface PixelMapProps {
  readonly pixels: readonly number[];
  readonly span: Span;
}

export function PixelMap({ pixels, span }: PixelMapProps): JSX.Element {
  const least = pixels.indexOf(Math.min(...pixels));
  const greatest = pixels.indexOf(Math.max(...pixels));
  const label = `Median rate of each input pixel: from ${told(pixels, least)} to ${told(pixels, greatest)}`;
  return (
    <figure class="pixel-map">
      <svg viewBox={`0 0 ${SIDE} ${SIDE}`} role="img" aria-label={label}>
        {pixels.map((rate, i) => (
          <rect
            key={i}
            data-value={rate}
            {...{ x: (i % SIDE) + 0.03, y: Math.floor(i / SIDE) + 0.03, width: 0.94, height: 0.94 }}
            fill-opacity={FAINTEST + (1 - FAINTEST) * placeOf(rate, span)}
          >
            <title>{told(pixels, i)}</title>
          </rect>
        ))}
      </svg>
      <figcaption>Median rate of each input pixel: the stronger the colour, the higher</figcaption>
    </figure>
  );
}

/** The rate of a pixel, and where it is. */
function told(pixels: readonly number[], i: number): string {
  return `${rateText(pixels[i] ?? Number.NaN)} in row ${Math.floor(i / SIDE) + 1}, column ${(i % SIDE) + 1}`;
}
