import { outputSize } from "./convolution.js";
import { sum } from "./numbers.js";

/**
 * The arithmetic of a stack of layers, as in `imagenet_course.widgets.stacks`, which rests on
 * `imagenet_course.layers.geometry`.
 *
 * @typedef {{shape: number[], parameters: number, macs: number, field: number, jump: number}} Row
 */

const WINDOW = { kernel: [1, 15], stride: [1, 8], padding: [0, 8] };

/** The settings of each kind of layer, and their limits. */
export const KINDS = {
  conv: { out: [1, 4096], ...WINDOW, norm: [0, 1] },
  max: WINDOW,
  average: WINDOW,
  block: { out: [1, 4096], stride: [1, 8] },
  global: {},
  linear: { out: [1, 4096] },
};

export const KIND_NAMES = {
  conv: "convolution",
  max: "max pooling",
  average: "average pooling",
  block: "residual block",
  global: "global average",
  linear: "linear",
};

/** What a new layer of a kind starts with, where the old one has no such setting. */
export const DEFAULTS = { out: 64, kernel: 3, stride: 1, padding: 1, norm: 0 };

/** `["7×7 convolution, 64", "stride 2, padding 3"]`: a layer in words, what matters most first. */
export function describe(layer) {
  const { kind, out, kernel, stride = 1, padding = 0, norm } = layer;
  const side = kernel ? `${kernel}×${kernel} ` : "";
  const details = [
    stride > 1 && `stride ${stride}`,
    padding > 0 && `padding ${padding}`,
    norm && "batch norm",
  ];
  return [`${side}${KIND_NAMES[kind]}${out ? `, ${out}` : ""}`, details.filter(Boolean).join(", ")];
}

/** The shape and the cost of one convolution over `channels` maps of `size` × `size`. */
function convolve(channels, size, { out, kernel, stride, padding, norm }) {
  const side = outputSize(size, kernel, { stride, padding, dilation: 1 });
  const weights = out * channels * kernel * kernel;
  return {
    shape: [out, side, side],
    parameters: weights + (norm ? 2 * out : out),
    macs: weights * side * side,
    windows: [[kernel, stride]],
  };
}

/** Two normalized 3×3 convolutions, beside a shortcut that costs only where shapes change. */
function residual(channels, size, { out, stride }) {
  const first = convolve(channels, size, { out, kernel: 3, stride, padding: 1, norm: 1 });
  const inner = { out, kernel: 3, stride: 1, padding: 1, norm: 1 };
  const parts = [first, convolve(out, first.shape[1], inner)];
  if (stride > 1 || channels !== out) {
    const shortcut = { out, kernel: 1, stride, padding: 0, norm: 1 };
    parts.push({ ...convolve(channels, size, shortcut), windows: [] });
  }
  const total = (key) => sum(parts.map((part) => part[key]));
  return {
    shape: parts[1].shape,
    parameters: total("parameters"),
    macs: total("macs"),
    windows: parts.flatMap(({ windows }) => windows),
  };
}

/** One layer over `shape`: `{shape, parameters, macs, windows}`, or `{problem}`. */
function apply(layer, shape) {
  const [channels, size] = shape;
  const { kind, out, kernel, stride, padding } = layer;
  if (kind === "linear") {
    const features = shape.reduce((product, n) => product * n);
    const macs = features * out;
    const windows = shape.length === 3 ? [[size, 1]] : [];
    return { shape: [out], parameters: macs + out, macs, windows };
  }
  if (shape.length === 1) {
    return { problem: "It needs maps, but a linear layer came before: move it further up." };
  }
  if (kind === "global") {
    return { shape: [channels, 1, 1], parameters: 0, macs: 0, windows: [[size, 1]] };
  }
  if (kind === "block") return residual(channels, size, layer);
  if (kernel > size + 2 * padding) {
    return {
      problem:
        `A window of ${kernel} does not fit maps of ${size} × ${size}` +
        `${padding > 0 ? ` with padding ${padding}` : ""}: make it smaller, pad, or remove a stride.`,
    };
  }
  if (kind === "conv") return convolve(channels, size, layer);
  if (padding >= kernel) {
    return { problem: `Padding ${padding} is too much for a window of ${kernel}.` };
  }
  const side = outputSize(size, kernel, { stride, padding, dilation: 1 });
  return { shape: [channels, side, side], parameters: 0, macs: 0, windows: [[kernel, stride]] };
}

/** A row for each layer up to the first that does not fit, which has `{problem}` for a row. */
export function stackRows({ size, channels, layers }) {
  let [shape, field, jump] = [[channels, size, size], 1, 1];
  const rows = [];
  for (const layer of layers) {
    const { problem, windows, ...row } = apply(layer, shape);
    if (problem) return [...rows, { problem }];
    for (const [kernel, stride] of windows) {
      field += (kernel - 1) * jump;
      jump *= stride;
    }
    shape = row.shape;
    rows.push({ ...row, field, jump });
  }
  return rows;
}
