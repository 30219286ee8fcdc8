import { h } from "./elements.js";
import { clamp } from "./numbers.js";

/** Gray level of `x` between black at 0 and white at `white`, as `[r, g, b]`. */
export function gray(x, white) {
  const level = Math.round(255 * clamp(x / white, 0, 1));
  return [level, level, level];
}

// Okabe–Ito blue and vermillion: told apart by every kind of color vision.
const NEGATIVE = [0, 114, 178];
const POSITIVE = [213, 94, 0];
const ZERO = [247, 247, 247];

/** Blue below zero, white at zero, orange above; full color at ±`limit`. */
export function signed(x, limit) {
  const strength = limit > 0 ? Math.min(1, Math.abs(x) / limit) : 0;
  const end = x < 0 ? NEGATIVE : POSITIVE;
  return ZERO.map((from, i) => Math.round(from + (end[i] - from) * strength));
}

/** What the colors of a scale mean; `kind` is "gray" or "signed". */
export function legend(kind, low, high) {
  return [h("span", {}, low), h("span", { class: `cw-ramp cw-ramp-${kind}` }), h("span", {}, high)];
}
