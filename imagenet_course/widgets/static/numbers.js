/** Numbers: summed, held to limits, written on the page and read back from it. */

const MINUS = "−";

export const sum = (numbers) => numbers.reduce((total, x) => total + x, 0);

export const clamp = (x, low, high) => Math.min(high, Math.max(low, x));

/** Whether `x` is round-off of zero: what is left of sums such as 0.1 + 0.2 − 0.3. */
const isDust = (x) => Math.abs(x) < 1e-9;

/** At most `digits` significant digits, with a true minus sign: `-0.12345` → `−0.1235`. */
export function formatNumber(x, digits = 4) {
  if (!Number.isInteger(x)) x = isDust(x) ? 0 : Number(x.toPrecision(digits));
  return String(x === 0 ? 0 : x).replaceAll("-", MINUS);
}

/** Whether `formatNumber(x, digits)` is `x`, round-off aside, so that `=` and not `≈` follows. */
export function isWrittenExactly(x, digits = 4) {
  return Number.isInteger(x) || isDust(x - Number(x.toPrecision(digits)));
}

/** A kernel weight as its author would write it: an integer, a short decimal, or a fraction. */
export function formatWeight(x) {
  if (Number.isInteger(x) || String(Math.abs(x)).length <= 4) return formatNumber(x, 17);
  for (let q = 2; q <= 512; q++) {
    const p = Math.round(x * q);
    if (p !== 0 && Math.abs(p / q - x) < 1e-12) return `${formatNumber(p)}/${q}`;
  }
  return formatNumber(x, 6);
}

/** A written number as it stands in a product or after a minus: `−2` → `(−2)`. */
export const asFactor = (text) => (text.startsWith(MINUS) ? `(${text})` : text);

/** The sum of written numbers: `["13", "−30", "2"]` → `13 − 30 + 2`. */
export const asSum = ([first = "", ...texts]) =>
  first +
  texts
    .map((text) => (text.startsWith(MINUS) ? ` ${MINUS} ${text.slice(1)}` : ` + ${text}`))
    .join("");

/** The rows and columns of a matrix: `3 × 4`. */
export const formatSize = (matrix) => `${matrix.length} × ${matrix[0].length}`;

/** Reads `0.5`, `−1` or `1/9`; `null` for anything that is not a finite number. */
export function parseNumber(text) {
  const parts = text.trim().replaceAll(MINUS, "-").split("/");
  if (parts.length > 2 || parts.some((part) => part.trim() === "")) return null;
  const [p, q = 1] = parts.map(Number);
  return Number.isFinite(p / q) ? p / q : null;
}
