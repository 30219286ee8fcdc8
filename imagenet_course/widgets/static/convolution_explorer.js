import { equation, productTable, sizeLines } from "./arithmetic_on_page.js";
import { gray, legend, signed } from "./color_scales.js";
import { correlate, flipKernel, geometryProblem, resizeKernel, tapsAt } from "./convolution.js";
import { button, dropDown, field, h, segments, steppers, uniqueId } from "./elements.js";
import { kernelEditor } from "./kernel_editor.js";
import { clamp, formatNumber, formatSize, sum } from "./numbers.js";
import { PickableGrid } from "./pickable_grid.js";
import { PixelGrid } from "./pixel_grid.js";
import { settingsOf } from "./settings.js";

/**
 * The convolution explorer: an image, a kernel and their output, one output pixel at a time.
 *
 * State, all of it in the model:
 * `images` [{name, pixels, white}], `kernels` [{name, weights}], `image` (a name),
 * `kernel` (rows of weights), `stride`, `padding`, `dilation`, `flip`, `position` [row, col].
 */

const SETTINGS = ["image", "kernel", "stride", "padding", "dilation", "flip", "position"];
const STEPPERS = {
  stride: ["Stride", 1, 8],
  padding: ["Padding", 0, 8],
  dilation: ["Dilation", 1, 8],
};
const KERNEL_SIDES = [1, 2, 3, 4, 5];
const LARGEST_CELL = 40; // in CSS pixels
const READABLE_CELL = 34;
const MOST_CLIPPED = 0.5; // of the output's values

const sameKernel = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** Everything that follows from the state by arithmetic. */
function compute(model) {
  const picture = model.get("images").find(({ name }) => name === model.get("image"));
  const kernel = model.get("kernel");
  const flip = model.get("flip");
  const geometry = {
    stride: model.get("stride"),
    padding: model.get("padding"),
    dilation: model.get("dilation"),
  };
  const image = picture.pixels;
  const applied = flip ? flipKernel(kernel) : kernel;
  const problem = geometryProblem(image, kernel, geometry);
  const output = problem ? null : correlate(image, applied, geometry);
  let position = null;
  if (output) {
    const [row, col] = model.get("position");
    position = [clamp(row, 0, output.length - 1), clamp(col, 0, output[0].length - 1)];
  }
  return {
    image,
    white: picture.white,
    kernel,
    applied,
    flip,
    geometry,
    problem,
    output,
    position,
  };
}

/**
 * How output values become colors, and the legend that says so. Where a kernel keeps an image an
 * image (its weights sum to more than 0, and most values stay in its range), that is gray; where it
 * measures differences, blue and orange around 0.
 */
function outputScale({ applied, output, white }) {
  const values = output.flat();
  const gain = sum(applied.flat());
  const limit = gain * white;
  const outside = values.filter((y) => y < 0 || y > limit).length;
  if (gain > 1e-9 && outside <= MOST_CLIPPED * values.length) {
    const low = Math.min(...values) < 0 ? "≤ 0" : "0";
    const high = `${Math.max(...values) > limit ? "≥ " : ""}${formatNumber(limit)}`;
    return { color: (y) => gray(y, limit), legend: legend("gray", low, high) };
  }
  const most = Math.max(...values.map(Math.abs));
  return {
    color: (y) => signed(y, most),
    legend: legend("signed", formatNumber(-most), formatNumber(most)),
  };
}

/** The two rows of controls above the pictures, and the list of kernel sizes that stands by it. */
function buildControls(model, set, reset) {
  const images = dropDown((name) => set({ image: name }));
  const filters = dropDown((name) => {
    const known = model.get("kernels").find((entry) => entry.name === name);
    if (known) set({ kernel: known.weights });
  });
  const sizes = dropDown((text) => {
    const [rows, cols] = text.split(" × ").map(Number);
    set({ kernel: resizeKernel(model.get("kernel"), rows, cols) });
  });
  sizes.element.setAttribute("aria-label", "Kernel size");
  const numbers = steppers(STEPPERS, set);
  const operation = segments(
    "Operation",
    [
      ["correlation", "cross-correlation"],
      ["convolution", "true convolution"],
    ],
    (value) => set({ flip: value === "convolution" }),
  );

  const bars = [
    h(
      "div",
      { class: "cw-bar" },
      field("Image", images.element, { wide: true }),
      field("Filter", filters.element, { wide: true }),
      ...numbers.elements,
    ),
    h("div", { class: "cw-bar" }, operation.element, button("Reset", reset)),
  ];

  function show({ kernel, geometry, flip }) {
    const pairs = (texts) => texts.map((text) => [text, text]);
    images.show(pairs(model.get("images").map(({ name }) => name)), model.get("image"));
    const known = model.get("kernels").find(({ weights }) => sameKernel(weights, kernel));
    const names = pairs(model.get("kernels").map(({ name }) => name));
    filters.show(known ? names : [["", "your own"], ...names], known ? known.name : "");
    const squares = KERNEL_SIDES.map((k) => `${k} × ${k}`);
    sizes.show(pairs([...new Set([...squares, formatSize(kernel)])]), formatSize(kernel));
    numbers.show(geometry);
    operation.show(flip ? "convolution" : "correlation");
  }
  return { bars, sizeList: sizes.element, show };
}

/** The input with the window of the selected output pixel. */
function inputFigure() {
  const grid = new PixelGrid();
  const title = h("figcaption");
  const scale = h("div", { class: "cw-legend" });
  const element = h("figure", {}, title, grid.element, scale);

  function draw({ image, white, geometry: { padding } }, side) {
    const pixel = (i, j) => image[i - padding]?.[j - padding];
    grid.draw(
      image.length + 2 * padding,
      image[0].length + 2 * padding,
      side,
      (i, j) => (pixel(i, j) === undefined ? null : gray(pixel(i, j), white)),
      (i, j) => formatNumber(pixel(i, j) ?? 0, 3),
    );
    title.replaceChildren(
      h("b", {}, "Input X"),
      formatSize(image) + (padding ? `, padded by ${padding}` : ""),
    );
    scale.replaceChildren(...legend("gray", "0", formatNumber(white)));
  }
  function outline({ kernel, geometry, position }, taps) {
    if (!position) return grid.outline([]);
    const { stride, padding, dilation } = geometry;
    const span = (k) => dilation * (k - 1) + 1;
    const [row, col] = position.map((x) => x * stride);
    const marks = [
      { row, col, rows: span(kernel.length), cols: span(kernel[0].length), kind: "window" },
    ];
    if (dilation > 1) {
      marks.push(
        ...taps.map((tap) => ({ row: tap.row + padding, col: tap.col + padding, kind: "tap" })),
      );
    }
    grid.outline(marks);
  }
  return { element, grid, draw, outline };
}

/** The output, or the sentence that says why there is none. */
function outputFigure(help, onPick) {
  const grid = new PickableGrid({ label: "Output", help, onPick });
  const title = h("figcaption");
  const problem = h("p", { class: "cw-problem", role: "alert" });
  const scale = h("div", { class: "cw-legend" });
  const element = h("figure", {}, title, grid.element, problem, scale);

  function draw(now, side) {
    const { output, flip } = now;
    title.replaceChildren(
      h("b", {}, `Output Y = X ${flip ? "∗" : "⋆"} K`),
      output ? formatSize(output) : "",
    );
    problem.textContent = now.problem ?? "";
    grid.element.hidden = scale.hidden = !output;
    if (!output) return;
    const { color, legend } = outputScale(now);
    grid.draw(
      output.length,
      output[0].length,
      side,
      (i, j) => color(output[i][j]),
      (i, j) => formatNumber(output[i][j], 3),
    );
    scale.replaceChildren(...legend);
  }
  function select({ output, position }) {
    if (!output) return;
    const [row, col] = position;
    grid.select(position, `row ${row}, column ${col}: ${formatNumber(output[row][col])}`);
  }
  return { element, grid, draw, select };
}

/** The products and their sum for the selected pixel, and the size of the output. */
function buildReading() {
  const table = h("div", { class: "cw-scroll" });
  const sum = h("p", { class: "cw-equation" });
  const products = h("section", {}, h("h4", {}, "Pixel · weight"), table);
  const total = h("section", {}, h("h4", {}, "Their sum"), sum);
  const sizes = h("section");
  const element = h("div", { class: "cw-reading" }, products, h("div", {}, total, sizes));

  function show(now, taps) {
    products.hidden = total.hidden = !now.output;
    sizes.replaceChildren(...sizeLines(now));
    if (!now.output) return;
    table.replaceChildren(productTable(taps, now.kernel[0].length, now.position));
    sum.replaceChildren(...equation(taps, now.position));
  }
  return { element, show };
}

function render({ model, el }) {
  const settings = settingsOf(model, SETTINGS);
  const { state, set } = settings;
  let now = compute(model);

  function reset() {
    settings.reset();
    update(); // also where only a text that is no number was left
  }

  const controls = buildControls(model, set, reset);
  const weightProblem = h("p", { class: "cw-problem", role: "alert" });
  const editor = kernelEditor(
    (kernel) => set({ kernel }),
    (sentence) => (weightProblem.textContent = sentence),
  );
  const flipNote = h("p", { class: "cw-note" }, "turned by 180° before it slides");
  const help = uniqueId("help");
  const input = inputFigure();
  const output = outputFigure(help, (position) => settings.drag({ position }));
  const reading = buildReading();
  el.replaceChildren(
    h(
      "div",
      { class: "cw cw-convolution", role: "group", "aria-label": "Convolution explorer" },
      ...controls.bars,
      h(
        "div",
        { class: "cw-stage" },
        input.element,
        h(
          "div",
          { class: "cw-middle" },
          h("div", { class: "cw-title" }, h("b", {}, "Kernel K"), controls.sizeList),
          editor.element,
          flipNote,
          weightProblem,
        ),
        output.element,
      ),
      h(
        "p",
        { class: "cw-note", id: help },
        "Point at an output pixel or tap it, or focus the output and use the arrow keys, Home and End.",
      ),
      reading.element,
      output.grid.announcement,
    ),
  );

  /** Draws both pictures as large as there is room, small outputs no larger than need be. */
  function draw() {
    const room = input.element.clientWidth;
    const fit = (matrix, margin, most) =>
      clamp(room / (Math.max(matrix.length, matrix[0].length) + 2 * margin), 0.5, most);
    const side = fit(now.image, now.geometry.padding, LARGEST_CELL);
    input.draw(now, side);
    output.draw(now, now.output ? fit(now.output, 0, Math.max(side, READABLE_CELL)) : 0);
    select();
  }
  function select() {
    const taps = now.output ? tapsAt(now.image, now.applied, now.geometry, ...now.position) : [];
    input.outline(now, taps);
    output.select(now);
    reading.show(now, taps);
  }
  function update() {
    now = compute(model);
    controls.show(now);
    editor.show(now.kernel);
    flipNote.hidden = !now.flip;
    draw();
  }
  function move() {
    now = compute(model);
    select();
  }

  /** A click on the input picks the output pixel whose window is centered nearest. */
  input.grid.element.addEventListener("pointerdown", (event) => {
    if (!now.output) return;
    const { stride, dilation } = now.geometry;
    const nearest = (x, k) => Math.round((x - (dilation * (k - 1)) / 2) / stride);
    const [i, j] = input.grid.cellAt(event);
    output.grid.pick(nearest(i, now.kernel.length), nearest(j, now.kernel[0].length));
  });

  settings.onChange(update, { position: move });
  settings.onResize(input.element, draw);
  update();

  // What is on the page, for tests and for the curious.
  el.courseWidget = { output: () => now.output, position: () => now.position, state, set };

  return settings.stop;
}

export default { render };
