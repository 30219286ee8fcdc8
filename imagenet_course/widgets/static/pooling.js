import { outputSize } from "./convolution.js";
import { sum } from "./numbers.js";

/**
 * The arithmetic of pooling, as in `imagenet_course.layers.max_pool2d` and `avg_pool2d`,
 * for one channel and square windows.
 *
 * @typedef {{kernel: number, stride: number, padding: number}} Geometry
 * @typedef {{row: number, col: number, inside: boolean, pixel: number}} Tap
 */

/** The number of windows along an axis of `n` pixels; less than 1 where none fits. */
export const pooledSize = (n, { kernel, stride, padding }) =>
  outputSize(n, kernel, { stride, padding, dilation: 1 });

/** One sentence on why the windows do not fit the image, or `null` where they do. */
export function poolingProblem(image, geometry) {
  const { kernel, padding } = geometry;
  if (padding >= kernel) {
    return (
      `Padding ${padding} is too much for a window of ${kernel}: some windows would see nothing ` +
      "but padding. Take less padding, or a larger window."
    );
  }
  const least = Math.min(image.length, image[0].length) + 2 * padding;
  if (kernel <= least) return null;
  return (
    `A window of ${kernel} does not fit an image of ${least} pixels` +
    `${padding > 0 ? ", padding included" : ""}: take a smaller window, or more padding.`
  );
}

/** The image moved `pixels` to the right; what leaves it there comes back at the left. */
export function shiftRight(image, pixels) {
  return image.map((row) =>
    row.map((_, j) => row[(((j - pixels) % row.length) + row.length) % row.length]),
  );
}

/** What the window of output (`row`, `col`) sees, in reading order. */
export function windowAt(image, { kernel, stride, padding }, row, col) {
  return Array.from({ length: kernel * kernel }, (_, tap) => {
    const i = row * stride + Math.floor(tap / kernel) - padding;
    const j = col * stride + (tap % kernel) - padding;
    const inside = i >= 0 && i < image.length && j >= 0 && j < image[0].length;
    return { row: i, col: j, inside, pixel: inside ? image[i][j] : 0 };
  });
}

/** The tap with the largest pixel; padding never wins, and of equal ones the first does. */
export const winnerOf = (taps) =>
  taps.filter(({ inside }) => inside).reduce((best, tap) => (tap.pixel > best.pixel ? tap : best));

/** The mean over the window; padding counts as zeros. */
export const meanOf = (taps) => sum(taps.map(({ pixel }) => pixel)) / taps.length;

/** The whole output; `operation` is "max" or "average". */
export function pool(image, geometry, operation) {
  const summarize = operation === "max" ? (taps) => winnerOf(taps).pixel : meanOf;
  return Array.from({ length: pooledSize(image.length, geometry) }, (_, i) =>
    Array.from({ length: pooledSize(image[0].length, geometry) }, (_, j) =>
      summarize(windowAt(image, geometry, i, j)),
    ),
  );
}

/** ∂L/∂X for the loss L = ΣY, that is, where every window hands down a gradient of 1. */
export function poolGradient(image, geometry, operation) {
  const gradient = image.map((row) => row.map(() => 0));
  const [rows, cols] = [image.length, image[0].length].map((n) => pooledSize(n, geometry));
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const taps = windowAt(image, geometry, i, j);
      const reached = operation === "max" ? [winnerOf(taps)] : taps.filter(({ inside }) => inside);
      const share = operation === "max" ? 1 : 1 / taps.length;
      for (const tap of reached) gradient[tap.row][tap.col] += share;
    }
  }
  return gradient;
}
