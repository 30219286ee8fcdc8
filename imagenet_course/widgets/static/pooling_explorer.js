import { gray, legend, signed } from "./color_scales.js";
import {
  button,
  dropDown,
  explanation,
  field,
  h,
  segments,
  steppers,
  uniqueId,
} from "./elements.js";
import { asSum, clamp, formatNumber, formatSize, isWrittenExactly, sum } from "./numbers.js";
import { PickableGrid } from "./pickable_grid.js";
import { PixelGrid } from "./pixel_grid.js";
import {
  pool,
  pooledSize,
  poolGradient,
  poolingProblem,
  shiftRight,
  windowAt,
  winnerOf,
} from "./pooling.js";
import { settingsOf } from "./settings.js";

/**
 * The pooling explorer: an image, what pooling makes of it, and the way back of the gradient.
 *
 * State, all of it in the model:
 * `images` [{name, pixels, white}], `image` (a name), `operation` ("max" or "average"),
 * `kernel`, `stride`, `padding`, `shift`, `position` [row, col].
 */

const SETTINGS = ["image", "operation", "kernel", "stride", "padding", "shift", "position"];
// The same limits as those of LIMITS in pooling_explorer.py.
const STEPPERS = {
  kernel: ["Window", 1, 8],
  stride: ["Stride", 1, 8],
  padding: ["Padding", 0, 4],
  shift: ["Shift", 0, 8],
};
const LARGEST_CELL = 40; // in CSS pixels
const MOST_TERMS = 16;

const largest = (matrix) => Math.max(...matrix.flat());

/** Everything that follows from the state by arithmetic. */
function compute(model) {
  const picture = model.get("images").find(({ name }) => name === model.get("image"));
  const geometry = Object.fromEntries(
    ["kernel", "stride", "padding"].map((key) => [key, model.get(key)]),
  );
  const operation = model.get("operation");
  const shift = model.get("shift");
  const image = shiftRight(picture.pixels, shift);
  const now = { image, white: picture.white, geometry, operation, shift };
  now.problem = poolingProblem(image, geometry);
  if (now.problem) return now;
  const output = pool(image, geometry, operation);
  const [row, col] = model.get("position");
  const position = [clamp(row, 0, output.length - 1), clamp(col, 0, output[0].length - 1)];
  return {
    ...now,
    output,
    unshifted: pool(picture.pixels, geometry, operation),
    gradient: poolGradient(image, geometry, operation),
    position,
    taps: windowAt(image, geometry, ...position),
  };
}

function buildControls(model, { state, set, reset }) {
  const images = dropDown((name) => set({ image: name }));
  const numbers = steppers(STEPPERS, set);
  const operation = segments(
    "Operation",
    [
      ["max", "maximum"],
      ["average", "average"],
    ],
    (value) => set({ operation: value }),
  );
  const bars = [
    h(
      "div",
      { class: "cw-bar" },
      field("Image", images.element, { wide: true }),
      ...numbers.elements,
    ),
    h("div", { class: "cw-bar" }, operation.element, button("Reset", reset)),
  ];
  function show() {
    const names = model.get("images").map(({ name }) => [name, name]);
    images.show(names, model.get("image"));
    numbers.show(state());
    operation.show(model.get("operation"));
  }
  return { bars, show };
}

/** A titled grid with the legend of its colors. */
function figure(grid) {
  const title = h("figcaption");
  const scale = h("div", { class: "cw-legend" });
  const element = h("figure", {}, title, grid.element, scale);
  function draw(matrix, name, note, cell, color, keys, padding = 0) {
    const value = (i, j) => matrix[i - padding]?.[j - padding];
    grid.draw(
      matrix.length + 2 * padding,
      matrix[0].length + 2 * padding,
      cell,
      (i, j) => (value(i, j) === undefined ? null : color(value(i, j))),
      (i, j) => formatNumber(value(i, j) ?? 0, 3),
    );
    title.replaceChildren(h("b", {}, name), note);
    scale.replaceChildren(...legend(...keys));
  }
  return { element, grid, draw };
}

/** `max(1, 2, 5, 6)`, or in words where the window has too many pixels for a line. */
function terms(taps, operation) {
  const seen = operation === "max" ? taps.filter(({ inside }) => inside) : taps;
  const pixels = seen.map(({ pixel }) => formatNumber(pixel));
  if (pixels.length > MOST_TERMS) {
    return operation === "max"
      ? `max of ${pixels.length} pixels`
      : `mean of ${pixels.length} pixels`;
  }
  if (operation === "max") return `max(${pixels.join(", ")})`;
  return `(${asSum(pixels)}) / ${taps.length}`;
}

/** Sentences on the selected window, the gradient's way back, and the shift. */
function reading({ image, geometry, operation, output, unshifted, position, taps, shift }) {
  const [row, col] = position;
  const value = output[row][col];
  const sign = isWrittenExactly(value, 6) ? "=" : "≈";
  const winner = winnerOf(taps);
  const back =
    operation === "max"
      ? `All of ∂L/∂Y[${row}, ${col}] goes to the winner, X[${winner.row}, ${winner.col}].`
      : `Each pixel of the window gets 1/${taps.length} of ∂L/∂Y[${row}, ${col}].`;
  const changes = output.flatMap((line, i) => line.map((y, j) => Math.abs(y - unshifted[i][j])));
  const changed = changes.filter((change) => change > 1e-9).length;
  const mean = sum(changes) / changes.length;
  const moved =
    shift === 0
      ? "Shift the image, and this line will say how many outputs change."
      : `${changed} of ${changes.length} outputs differ from those of the unshifted image, ` +
        `by ${formatNumber(mean, 3)} on average over all.`;
  const { kernel, stride, padding } = geometry;
  const lines = [image.length, image[0].length].map(
    (n) => `⌊(${n} + 2·${padding} − ${kernel}) / ${stride}⌋ + 1 = ${pooledSize(n, geometry)}`,
  );
  return [
    ["Forward", `Y[${row}, ${col}] = ${terms(taps, operation)} ${sign} `, formatNumber(value, 6)],
    ["Backward", back],
    ["Output size", [...new Set(lines)].join(", ")],
    ["Shift", moved],
  ];
}

function render({ model, el }) {
  const settings = settingsOf(model, SETTINGS);
  const { state, set } = settings;
  let now = compute(model);

  const controls = buildControls(model, settings);
  const help = uniqueId("help");
  const input = figure(new PixelGrid());
  const gradient = figure(new PixelGrid());
  const pick = (position) => settings.drag({ position });
  const output = figure(new PickableGrid({ label: "Output", help, onPick: pick }));
  const stage = h(
    "div",
    { class: "cw-pooling-stage" },
    input.element,
    output.element,
    gradient.element,
  );
  const problem = h("p", { class: "cw-problem", role: "alert" });
  const arithmetic = explanation();
  el.replaceChildren(
    h(
      "div",
      { class: "cw cw-pooling", role: "group", "aria-label": "Pooling explorer" },
      ...controls.bars,
      stage,
      problem,
      h(
        "p",
        { class: "cw-note", id: help },
        "Point at an output pixel or tap it, or focus the output and use the arrow keys, Home and End.",
      ),
      arithmetic.element,
      output.grid.announcement,
    ),
  );

  function draw() {
    problem.textContent = now.problem ?? "";
    stage.hidden = arithmetic.element.hidden = Boolean(now.problem);
    if (now.problem) return;
    const { image, white, geometry } = now;
    const { padding } = geometry;
    const room = stage.firstChild.clientWidth;
    const fit = (matrix, margin) =>
      clamp(room / (Math.max(matrix.length, matrix[0].length) + 2 * margin), 0.5, LARGEST_CELL);
    const cell = fit(image, padding);
    const shade = (x) => gray(x, white);
    const grays = ["gray", "0", formatNumber(white)];
    const most = largest(now.gradient);
    const padded = padding ? `, padded by ${padding}` : "";
    input.draw(image, "Input X", formatSize(image) + padded, cell, shade, grays, padding);
    output.draw(now.output, "Output Y", formatSize(now.output), fit(now.output, 0), shade, grays);
    gradient.draw(
      now.gradient,
      "Gradient ∂L/∂X",
      "for L = ΣY",
      cell,
      (x) => signed(x, most),
      ["share", "0", formatNumber(most, 3)],
      padding,
    );
    select();
  }
  function select() {
    const { output: values, position, geometry, taps, operation } = now;
    const { kernel, stride, padding } = geometry;
    const [row, col] = position;
    const marks = [
      { row: row * stride, col: col * stride, rows: kernel, cols: kernel, kind: "window" },
    ];
    if (operation === "max") {
      const winner = winnerOf(taps);
      marks.push({ row: winner.row + padding, col: winner.col + padding, kind: "tap" });
    }
    input.grid.outline(marks);
    gradient.grid.outline(marks);
    output.grid.select(position, `row ${row}, column ${col}: ${formatNumber(values[row][col])}`);
    arithmetic.show(reading(now));
  }
  function update() {
    now = compute(model);
    controls.show();
    draw();
  }
  function move() {
    now = compute(model);
    if (!now.problem) select();
  }

  settings.onChange(update, { position: move });
  settings.onResize(stage, draw);
  update();

  // What is on the page, for tests and for the curious.
  el.courseWidget = {
    output: () => now.output ?? null,
    gradient: () => now.gradient ?? null,
    position: () => now.position ?? null,
    state,
    set,
  };

  return settings.stop;
}

export default { render };
