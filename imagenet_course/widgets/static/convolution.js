import { sum } from "./numbers.js";

/**
 * The arithmetic of a two-dimensional convolution, as in `imagenet_course.layers.conv2d`,
 * for one channel in and one channel out.
 *
 * @typedef {{stride: number, padding: number, dilation: number}} Geometry
 * @typedef {{row: number, col: number, inside: boolean, pixel: number, weight: number,
 *            product: number}} Tap
 */

/** ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1; less than 1 where the kernel does not fit. */
export function outputSize(n, k, { stride, padding, dilation }) {
  return Math.floor((n + 2 * padding - dilation * (k - 1) - 1) / stride) + 1;
}

/** One sentence on why the kernel does not fit the padded image, or `null` where it does. */
export function geometryProblem(image, kernel, geometry) {
  const { padding, dilation } = geometry;
  const axes = [
    ["height", image.length, kernel.length],
    ["width", image[0].length, kernel[0].length],
  ];
  for (const [axis, n, k] of axes) {
    const span = dilation * (k - 1) + 1;
    if (span > n + 2 * padding) {
      const spread = dilation > 1 ? ` with dilation ${dilation}` : "";
      const padded = padding > 0 ? "the padded image" : "the image";
      return (
        `A kernel of ${axis} ${k}${spread} spans ${span} pixels, but ${padded} has only ` +
        `${n + 2 * padding}: add padding, or take a smaller kernel${dilation > 1 ? " or dilation" : ""}.`
      );
    }
  }
  return null;
}

/** The kernel turned by 180°, which makes cross-correlation a true convolution. */
export function flipKernel(kernel) {
  return kernel.map((row) => [...row].reverse()).reverse();
}

/** The pixels under the kernel at output position (`row`, `col`), each with its weight and product. */
export function tapsAt(image, kernel, { stride, padding, dilation }, row, col) {
  return kernel.flatMap((weights, m) =>
    weights.map((weight, n) => {
      const i = row * stride + m * dilation - padding;
      const j = col * stride + n * dilation - padding;
      const inside = i >= 0 && i < image.length && j >= 0 && j < image[0].length;
      const pixel = inside ? image[i][j] : 0;
      return { row: i, col: j, inside, pixel, weight, product: pixel * weight };
    }),
  );
}

/** The sum of the products at one output position. */
export const sumOfProducts = (taps) => sum(taps.map((tap) => tap.product));

/** The whole output: Y[i, j] = Σ X[i·s + m·d − p, j·s + n·d − p] · K[m, n]. */
export function correlate(image, kernel, geometry) {
  const rows = outputSize(image.length, kernel.length, geometry);
  const cols = outputSize(image[0].length, kernel[0].length, geometry);
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: cols }, (_, j) => sumOfProducts(tapsAt(image, kernel, geometry, i, j))),
  );
}

/** The kernel cut or filled with zeros to `rows` × `cols`, its center kept. */
export function resizeKernel(kernel, rows, cols) {
  const top = Math.floor((rows - kernel.length) / 2);
  const left = Math.floor((cols - kernel[0].length) / 2);
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: cols }, (_, j) => kernel[i - top]?.[j - left] ?? 0),
  );
}
