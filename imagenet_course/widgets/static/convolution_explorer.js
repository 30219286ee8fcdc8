import { correlate, flipKernel, geometryProblem, outputSize, resizeKernel, sumOfProducts, tapsAt } from "./convolution.js";
import { dropDown, field, h, segments, stepper, uniqueId } from "./elements.js";
import { formatNumber, formatWeight, isWrittenExactly, parseNumber } from "./numbers.js";
import { PixelGrid, gray, signed } from "./pixel_grid.js";

/**
 * The convolution explorer: an image, a kernel and their output, one output pixel at a time.
 *
 * State, all of it in the model:
 * `images` [{name, pixels, white}], `kernels` [{name, weights}], `image` (a name),
 * `kernel` (rows of weights), `stride`, `padding`, `dilation`, `flip`, `position` [row, col].
 */

const SETTINGS = ["image", "kernel", "stride", "padding", "dilation", "flip", "position"];
const LIMITS = { stride: [1, 8], padding: [0, 8], dilation: [1, 8] };
const KERNEL_SIDES = [1, 2, 3, 4, 5];
const LARGEST_CELL = 40;
const READABLE_CELL = 34;
const MOST_CLIPPED = 0.2;

const sameKernel = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const size = (matrix) => `${matrix.length} × ${matrix[0].length}`;
const clamp = (x, low, high) => Math.min(high, Math.max(low, x));

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
  return { image, white: picture.white, kernel, applied, flip, geometry, problem, output, position };
}

/**
 * How output values become colors, and the legend that says so. Where a kernel keeps an image an
 * image (its weights sum to more than 0, and few values leave the range), that is gray; where it
 * measures differences, blue and orange around 0.
 */
function outputScale({ applied, output, white }) {
  const values = output.flat();
  const gain = applied.flat().reduce((sum, w) => sum + w, 0);
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

function legend(kind, low, high) {
  return [h("span", {}, low), h("span", { class: `cw-ramp cw-ramp-${kind}` }), h("span", {}, high)];
}

/** `⌊(8 + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 4`, the output size with the numbers in place. */
function sizeEquation(n, k, geometry) {
  const { stride, padding, dilation } = geometry;
  const result = outputSize(n, k, geometry);
  return `⌊(${n} + 2·${padding} − ${dilation}·(${k} − 1) − 1) / ${stride}⌋ + 1 = ${result}`;
}

function sizeLines({ image, kernel, geometry }) {
  const rows = sizeEquation(image.length, kernel.length, geometry);
  const cols = sizeEquation(image[0].length, kernel[0].length, geometry);
  const lines = rows === cols ? [`= ${rows}`] : [`rows = ${rows}`, `columns = ${cols}`];
  return [
    h("h4", {}, "Output size, by rows and by columns"),
    h("p", { class: "cw-muted" }, "⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1"),
    ...lines.map((line) => h("p", {}, line)),
  ];
}

/** A factor as it stands in a product: negative numbers in parentheses. */
const factor = (text) => (text.startsWith("−") ? `(${text})` : text);

/** The products in the shape of the window, each with its two factors. */
function productTable(taps, cols, [row, col]) {
  const rows = [];
  for (let start = 0; start < taps.length; start += cols) {
    const cells = taps.slice(start, start + cols).map((tap) =>
      h(
        "td",
        { class: tap.inside ? "" : "cw-outside" },
        h("span", { class: "cw-factors" }, `${formatNumber(tap.pixel)} · ${factor(formatWeight(tap.weight))}`),
        h("span", { class: "cw-product" }, formatNumber(tap.product)),
      ),
    );
    rows.push(h("tr", {}, ...cells));
  }
  const label = `Products under the kernel for output row ${row}, column ${col}`;
  return h("table", { "aria-label": label }, h("tbody", {}, ...rows));
}

/** `Y[2, 3] = 13 − 30 + 2 = −15`; products that are zero stand in the table only. */
function equation(taps, [row, col]) {
  const total = sumOfProducts(taps);
  const products = taps.map((tap) => tap.product).filter((product) => product !== 0);
  const terms = products.map((product, i) => {
    const text = formatNumber(product);
    if (i === 0) return text;
    return text.startsWith("−") ? ` − ${text.slice(1)}` : ` + ${text}`;
  });
  const sum = products.length > 1 ? ` ${products.every(isWrittenExactly) ? "=" : "≈"} ` : "";
  return [
    `Y[${row}, ${col}] = ${products.length > 1 ? terms.join("") : ""}${sum}`,
    h("strong", {}, formatNumber(total, 6)),
  ];
}

/** The grid of weights, one text field each; calls `onEdit(kernel)` with every valid edit. */
function kernelEditor(onEdit, onProblem) {
  const element = h("div", { class: "cw-kernel", role: "group" });
  let inputs = [];
  let shown = [];

  function edit(m, n, value) {
    const kernel = shown.map((row) => [...row]);
    kernel[m][n] = value;
    onEdit(kernel);
  }
  function weightInput(m, n) {
    const read = () => {
      if (input.value === formatWeight(shown[m][n])) return valid(input, true);
      const value = parseNumber(input.value);
      valid(input, value !== null);
      if (value !== null) edit(m, n, value);
    };
    const step = (event) => {
      const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!direction) return;
      event.preventDefault();
      edit(m, n, shown[m][n] + direction);
    };
    const label = `Weight in row ${m}, column ${n}`;
    const input = h("input", {
      type: "text",
      inputmode: "text",
      autocomplete: "off",
      spellcheck: "false",
      "aria-label": label,
      onchange: read,
      onkeydown: step,
      onfocus: () => input.select(),
    });
    return input;
  }
  function valid(input, yes) {
    input.setAttribute("aria-invalid", String(!yes));
    onProblem(yes ? "" : `“${input.value}” is not a number: write one such as 2, −0.5 or 1/9.`);
  }
  function show(kernel) {
    const resized = kernel.length !== shown.length || kernel[0].length !== shown[0]?.length;
    shown = kernel;
    if (resized) {
      inputs = kernel.map((row, m) => row.map((_, n) => weightInput(m, n)));
      element.style.setProperty("--cw-columns", kernel[0].length);
      element.setAttribute("aria-label", `Kernel weights, ${size(kernel)}`);
      element.replaceChildren(...inputs.flat());
    }
    inputs.forEach((row, m) =>
      row.forEach((input, n) => {
        input.value = formatWeight(kernel[m][n]);
        input.classList.toggle("cw-long", input.value.length > 5);
        input.setAttribute("aria-invalid", "false");
      }),
    );
    onProblem("");
  }
  return { element, show };
}

function render({ model, el }) {
  const initial = Object.fromEntries(SETTINGS.map((key) => [key, model.get(key)]));
  const set = (changes) => {
    for (const [key, value] of Object.entries(changes)) model.set(key, value);
    model.save_changes();
  };

  // Controls.
  const imageList = dropDown((name) => set({ image: name }));
  const kernelList = dropDown((name) => {
    const known = model.get("kernels").find((entry) => entry.name === name);
    if (known) set({ kernel: known.weights });
  });
  const sizeList = dropDown((text) => {
    const [rows, cols] = text.split(" × ").map(Number);
    set({ kernel: resizeKernel(model.get("kernel"), rows, cols) });
  });
  const steppers = Object.entries(LIMITS).map(([key, [min, max]]) => {
    const label = key[0].toUpperCase() + key.slice(1);
    return [key, stepper(label, { min, max, onPick: (value) => set({ [key]: value }) })];
  });
  const operation = segments(
    "Operation",
    [
      ["correlation", "cross-correlation"],
      ["convolution", "true convolution"],
    ],
    (value) => set({ flip: value === "convolution" }),
  );
  const reset = h("button", { type: "button", class: "cw-reset", onclick: () => set(initial) }, "Reset");
  const weightProblem = h("p", { class: "cw-problem", role: "alert" });
  const editor = kernelEditor(
    (kernel) => set({ kernel }),
    (sentence) => (weightProblem.textContent = sentence),
  );

  // Pictures. The output is a grid of one cell for assistive technology: the selected one.
  const inputGrid = new PixelGrid();
  const outputGrid = new PixelGrid();
  const help = uniqueId("help");
  const cell = h("div", { role: "gridcell", id: uniqueId("cell") });
  const row = h("div", { role: "row", class: "cw-unseen" }, cell);
  outputGrid.element.append(row);
  for (const [name, value] of Object.entries({
    role: "grid",
    tabindex: 0,
    "aria-label": "Output",
    "aria-describedby": help,
    "aria-activedescendant": cell.id,
  })) {
    outputGrid.element.setAttribute(name, value);
  }
  outputGrid.element.classList.add("cw-pickable");
  const inputTitle = h("figcaption");
  const outputTitle = h("figcaption");
  sizeList.element.setAttribute("aria-label", "Kernel size");
  const kernelTitle = h("div", { class: "cw-title" }, h("b", {}, "Kernel K"), sizeList.element);
  const flipNote = h("p", { class: "cw-note" }, "turned by 180° before it slides");
  const inputLegend = h("div", { class: "cw-legend" });
  const outputLegend = h("div", { class: "cw-legend" });
  const outputProblem = h("p", { class: "cw-problem", role: "alert" });
  const inputFigure = h("figure", {}, inputTitle, inputGrid.element, inputLegend);
  const outputFigure = h("figure", {}, outputTitle, outputGrid.element, outputProblem, outputLegend);
  const tableBox = h("div", { class: "cw-scroll" });
  const productBox = h("section", {}, h("h4", {}, "Pixel · weight"), tableBox);
  const equationBox = h("p", { class: "cw-equation" });
  const sumBox = h("section", {}, h("h4", {}, "Their sum"), equationBox);
  const sizeBox = h("section", {});
  const announcement = h("div", { class: "cw-unseen", "aria-live": "polite" });

  const stage = h(
    "div",
    { class: "cw-stage" },
    inputFigure,
    h("div", { class: "cw-middle" }, kernelTitle, editor.element, flipNote, weightProblem),
    outputFigure,
  );
  const root = h(
    "div",
    { class: "cw", role: "group", "aria-label": "Convolution explorer" },
    h(
      "div",
      { class: "cw-bar" },
      field("Image", imageList.element, { wide: true }),
      field("Filter", kernelList.element, { wide: true }),
      ...steppers.map(([, { element }]) => element),
    ),
    h("div", { class: "cw-bar" }, operation.element, reset),
    stage,
    h(
      "p",
      { class: "cw-note", id: help },
      "Point at an output pixel or tap it, or focus the output and use the arrow keys, Home and End.",
    ),
    h("div", { class: "cw-reading" }, productBox, h("div", {}, sumBox, sizeBox)),
    announcement,
  );
  el.replaceChildren(root);

  let now = compute(model);

  /** The side of an input cell in the room there is, and that of an output cell. */
  function cellSizes() {
    const room = inputFigure.clientWidth;
    const fit = (cols, largest) => clamp(room / cols, 0.5, largest);
    const { padding } = now.geometry;
    const input = fit(Math.max(now.image.length, now.image[0].length) + 2 * padding, LARGEST_CELL);
    if (!now.output) return { input };
    const side = Math.max(now.output.length, now.output[0].length);
    return { input, output: fit(side, Math.max(input, READABLE_CELL)) };
  }

  function drawPictures() {
    const { image, white, output, geometry } = now;
    const { padding } = geometry;
    const sizes = cellSizes();
    const pixel = (i, j) => image[i - padding]?.[j - padding];
    inputGrid.draw(
      image.length + 2 * padding,
      image[0].length + 2 * padding,
      sizes.input,
      (i, j) => (pixel(i, j) === undefined ? null : gray(pixel(i, j), white)),
      (i, j) => formatNumber(pixel(i, j) ?? 0, 3),
    );
    if (output) {
      const scale = outputScale(now);
      outputGrid.draw(
        output.length,
        output[0].length,
        sizes.output,
        (i, j) => scale.color(output[i][j]),
        (i, j) => formatNumber(output[i][j], 3),
      );
      outputLegend.replaceChildren(...scale.legend);
    }
    drawSelection();
  }

  function drawSelection() {
    const { image, applied, kernel, geometry, output, position } = now;
    if (!output) {
      inputGrid.outline([]);
      return;
    }
    const [i, j] = position;
    const { padding, stride, dilation } = geometry;
    const taps = tapsAt(image, applied, geometry, i, j);
    const marks = [
      {
        row: i * stride,
        col: j * stride,
        rows: dilation * (kernel.length - 1) + 1,
        cols: dilation * (kernel[0].length - 1) + 1,
        kind: "window",
      },
    ];
    if (dilation > 1) {
      marks.push(...taps.map((tap) => ({ row: tap.row + padding, col: tap.col + padding, kind: "tap" })));
    }
    inputGrid.outline(marks);
    outputGrid.outline([{ row: i, col: j, kind: "window" }]);
    tableBox.replaceChildren(productTable(taps, kernel[0].length, position));
    equationBox.replaceChildren(...equation(taps, position));
    row.setAttribute("aria-rowindex", i + 1);
    cell.setAttribute("aria-colindex", j + 1);
    cell.textContent = describe();
  }

  function describe() {
    const [i, j] = now.position;
    return `row ${i}, column ${j}: ${formatNumber(now.output[i][j])}`;
  }

  function update() {
    now = compute(model);
    const { image, kernel, geometry, flip, problem, output } = now;
    imageList.show(
      model.get("images").map(({ name }) => [name, name]),
      model.get("image"),
    );
    const known = model.get("kernels").find(({ weights }) => sameKernel(weights, kernel));
    const names = model.get("kernels").map(({ name }) => [name, name]);
    kernelList.show(known ? names : [["", "your own"], ...names], known ? known.name : "");
    const sizes = KERNEL_SIDES.map((k) => `${k} × ${k}`);
    if (!sizes.includes(size(kernel))) sizes.push(size(kernel));
    sizeList.show(
      sizes.map((text) => [text, text]),
      size(kernel),
    );
    steppers.forEach(([key, { show }]) => show(geometry[key]));
    operation.show(flip ? "convolution" : "correlation");
    editor.show(kernel);

    const sign = flip ? "∗" : "⋆";
    const padded = geometry.padding ? `, padded by ${geometry.padding}` : "";
    inputTitle.replaceChildren(h("b", {}, "Input X"), `${size(image)}${padded}`);
    flipNote.hidden = !flip;
    outputTitle.replaceChildren(h("b", {}, `Output Y = X ${sign} K`), output ? size(output) : "");
    inputLegend.replaceChildren(...legend("gray", "0", formatNumber(now.white)));
    sizeBox.replaceChildren(...sizeLines(now));
    outputProblem.textContent = problem ?? "";
    for (const part of [outputGrid.element, outputLegend, productBox, sumBox]) part.hidden = Boolean(problem);
    if (output) {
      outputGrid.element.setAttribute("aria-rowcount", output.length);
      outputGrid.element.setAttribute("aria-colcount", output[0].length);
    }
    drawPictures();
  }

  // Choosing an output pixel. A pointer crosses many pixels: the kernel, if any, hears the last.
  let saving = 0;
  function choose(i, j, { announce = false } = {}) {
    if (!now.output) return;
    const target = [clamp(i, 0, now.output.length - 1), clamp(j, 0, now.output[0].length - 1)];
    if (target.join() === now.position.join()) return;
    model.set("position", target);
    clearTimeout(saving);
    saving = setTimeout(() => model.save_changes(), 150);
    if (announce) announcement.textContent = describe();
  }
  function onKey(event) {
    if (!now.output) return;
    const [i, j] = now.position;
    const [lastRow, lastCol] = [now.output.length - 1, now.output[0].length - 1];
    const targets = {
      ArrowUp: [i - 1, j],
      ArrowDown: [i + 1, j],
      ArrowLeft: [i, j - 1],
      ArrowRight: [i, j + 1],
      Home: [event.ctrlKey ? 0 : i, 0],
      End: [event.ctrlKey ? lastRow : i, lastCol],
      PageUp: [0, j],
      PageDown: [lastRow, j],
    };
    if (!targets[event.key] || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation(); // JupyterLab moves between cells with the same keys
    choose(...targets[event.key], { announce: true });
  }
  outputGrid.element.addEventListener("keydown", onKey);
  for (const type of ["pointerdown", "pointermove"]) {
    outputGrid.element.addEventListener(type, (event) => choose(...outputGrid.cellAt(event)));
  }
  /** A click on the input picks the output pixel whose window is centered nearest. */
  inputGrid.element.addEventListener("pointerdown", (event) => {
    const { kernel, geometry } = now;
    const [i, j] = inputGrid.cellAt(event);
    const nearest = (x, k) => Math.round((x - (geometry.dilation * (k - 1)) / 2) / geometry.stride);
    choose(nearest(i, kernel.length), nearest(j, kernel[0].length));
  });

  const onPosition = () => {
    now = compute(model);
    drawSelection();
  };
  for (const key of SETTINGS) model.on(`change:${key}`, key === "position" ? onPosition : update);
  const watcher = new ResizeObserver(drawPictures);
  watcher.observe(inputFigure);
  update();

  // What is on the page, for tests and for the curious.
  el.courseWidget = {
    output: () => now.output,
    position: () => now.position,
    problem: () => now.problem,
    state: () => Object.fromEntries(SETTINGS.map((key) => [key, model.get(key)])),
    set,
  };

  return () => {
    watcher.disconnect();
    clearTimeout(saving);
    for (const key of SETTINGS) model.off(`change:${key}`, key === "position" ? onPosition : update);
  };
}

export default { render };
