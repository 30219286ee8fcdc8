import { dropDown, field, h, stepper, uniqueId } from "./elements.js";
import { DEFAULTS, describe, KIND_NAMES, KINDS, stackRows } from "./stack.js";

/**
 * The stack calculator: layers one on the other, and what each of them costs and sees.
 *
 * State, all of it in the model:
 * `networks` [{name, size, channels, layers}], `size`, `channels`, `layers` [{kind, …}],
 * `selected` (the index of the layer that the controls change).
 */

const SETTINGS = ["size", "channels", "layers", "selected"];
const LIMITS = { size: [1, 512], channels: [1, 512] }; // as in stack_calculator.py
const LARGEST_STACK = 40;
const LABELS = { out: "Channels", kernel: "Window", stride: "Stride", padding: "Padding" };
const COLUMNS = ["Layer", "Output", "Parameters", "Multiply-adds", "Field", "Jump"];

const sameStack = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const grouped = (n) => n.toLocaleString("en-US");
/** A share in whole percent, without rounding something down to nothing. */
function percent(part, whole) {
  const rounded = whole ? Math.round((100 * part) / whole) : 0;
  return rounded === 0 && part > 0 ? "less than 1 %" : `${rounded} %`;
}
const sum = (rows, key) => rows.reduce((total, row) => total + row[key], 0);

/** A layer of `kind` that keeps what it can of the settings of `old`. */
const converted = (old, kind) => ({
  kind,
  ...Object.fromEntries(Object.keys(KINDS[kind]).map((key) => [key, old[key] ?? DEFAULTS[key]])),
});

/** The controls of the selected layer; `edit(changed)` replaces it. */
function layerEditor(edit) {
  let layer = null;
  const kinds = dropDown((kind) => edit(converted(layer, kind)));
  const steppers = Object.entries(LABELS).map(([key, label]) => {
    const [min, max] = KINDS.conv[key];
    return [key, stepper(label, { min, max, onPick: (n) => edit({ ...layer, [key]: n }) })];
  });
  const norm = h("input", {
    type: "checkbox",
    onchange: () => edit({ ...layer, norm: Number(norm.checked) }),
  });
  const normLabel = h("label", { class: "cw-stack-check" }, norm, "batch norm");
  const elements = [
    field("Kind", kinds.element, { wide: true }),
    ...steppers.map(([, { element }]) => element),
    normLabel,
  ];
  function show(shown) {
    layer = shown;
    kinds.show(Object.entries(KIND_NAMES), layer.kind);
    for (const [key, { element, show }] of steppers) {
      element.hidden = !(key in layer);
      if (key in layer) show(layer[key]);
    }
    normLabel.hidden = !("norm" in layer);
    norm.checked = Boolean(layer.norm);
  }
  return { elements, show };
}

/** A number, over a bar as long as its share of the largest in its column. */
const barCell = (value, most) =>
  h(
    "td",
    { class: "cw-stack-bar", style: `--cw-share: ${most ? value / most : 0}` },
    grouped(value),
  );

/** Where parameters and work lie, in a sentence. */
function balance(layers, rows) {
  const linear = rows.filter((_, i) => layers[i].kind === "linear");
  return (
    `Linear layers hold ${percent(sum(linear, "parameters"), sum(rows, "parameters"))} of the ` +
    `parameters and do ${percent(sum(linear, "macs"), sum(rows, "macs"))} of the multiply-adds.`
  );
}

function render({ model, el }) {
  const state = () => Object.fromEntries(SETTINGS.map((key) => [key, model.get(key)]));
  const initial = state();
  const selected = () => Math.min(model.get("selected"), model.get("layers").length - 1);

  function set(changes) {
    for (const [key, value] of Object.entries(changes)) model.set(key, value);
    model.save_changes();
  }
  /** Replaces `count` layers from `index` by `put`, and selects layer `next`. */
  function splice(index, count, put, next) {
    const layers = [...model.get("layers")];
    layers.splice(index, count, ...put);
    set({ selected: next, layers });
  }

  const networks = dropDown((name) => {
    const known = model.get("networks").find((network) => network.name === name);
    if (known)
      set({ selected: 0, size: known.size, channels: known.channels, layers: known.layers });
  });
  const inputs = Object.entries(LIMITS).map(([key, [min, max]]) => {
    const label = { size: "Input size", channels: "Input channels" }[key];
    return [key, stepper(label, { min, max, onPick: (value) => set({ [key]: value }) })];
  });
  const editor = layerEditor((layer) => splice(selected(), 1, [layer], selected()));
  const button = (text, name, onclick) =>
    h("button", { type: "button", "aria-label": name, onclick }, text);
  const move = (step) => {
    const [i, layers] = [selected(), model.get("layers")];
    const from = Math.min(i, i + step);
    splice(from, 2, [layers[from + 1], layers[from]], i + step);
  };
  const buttons = {
    add: button("Add below", "Add a layer below", () => {
      const i = selected();
      splice(i + 1, 0, [{ ...model.get("layers")[i] }], i + 1);
    }),
    remove: button("Remove", "Remove this layer", () =>
      splice(selected(), 1, [], Math.max(0, selected() - 1)),
    ),
    up: button("↑", "Move this layer up", () => move(-1)),
    down: button("↓", "Move this layer down", () => move(1)),
    reset: button("Reset", "Reset", () => set(initial)),
  };
  const title = h("legend");
  const problem = h("p", { class: "cw-problem", role: "alert" });
  const body = h("tbody");
  const foot = h("tfoot");
  const note = h("p", { class: "cw-note", "aria-live": "polite" });
  const help = uniqueId("help");
  el.replaceChildren(
    h(
      "div",
      { class: "cw cw-stack", role: "group", "aria-label": "Stack calculator" },
      h(
        "div",
        { class: "cw-bar" },
        field("Network", networks.element, { wide: true }),
        ...inputs.map(([, { element }]) => element),
        buttons.reset,
      ),
      h(
        "fieldset",
        { class: "cw-stack-editor", "aria-describedby": help },
        title,
        h("div", { class: "cw-bar" }, ...editor.elements),
        h("div", { class: "cw-bar" }, buttons.add, buttons.remove, buttons.up, buttons.down),
      ),
      h(
        "p",
        { class: "cw-note", id: help },
        "Choose a layer in the table to change it here. Activations and dropout cost nothing in this " +
          "count, and are left out.",
      ),
      problem,
      h(
        "div",
        { class: "cw-stack-scroll" },
        h(
          "table",
          { class: "cw-stack-table", "aria-label": "Layers" },
          h("thead", {}, h("tr", {}, ...COLUMNS.map((name) => h("th", { scope: "col" }, name)))),
          body,
          foot,
        ),
      ),
      note,
    ),
  );

  function tableRow(layer, row, i, most) {
    const [what, details] = describe(layer);
    const pick = h(
      "button",
      {
        type: "button",
        "aria-pressed": String(i === selected()),
        onclick: () => set({ selected: i }),
      },
      what,
      h("span", { class: "cw-muted" }, details),
    );
    const cells = row?.shape
      ? [
          h("td", {}, row.shape.join("×")),
          barCell(row.parameters, most.parameters),
          barCell(row.macs, most.macs),
          h("td", {}, grouped(row.field)),
          h("td", {}, grouped(row.jump)),
        ]
      : [h("td", { colspan: COLUMNS.length - 1, class: "cw-muted" }, row ? "does not fit" : "")];
    return h("tr", {}, h("th", { scope: "row" }, pick), ...cells);
  }

  let rows = [];
  function update() {
    const { size, channels, layers } = state();
    rows = stackRows({ size, channels, layers });
    const i = selected();
    const names = model.get("networks").map(({ name }) => [name, name]);
    const known = model.get("networks").find((network) => sameStack(network.layers, layers));
    networks.show(known ? names : [["", "your own"], ...names], known ? known.name : "");
    for (const [key, { show }] of inputs) show(model.get(key));
    title.textContent = `Layer ${i + 1} of ${layers.length}`;
    editor.show(layers[i]);
    buttons.add.disabled = layers.length >= LARGEST_STACK;
    buttons.remove.disabled = layers.length === 1;
    buttons.up.disabled = i === 0;
    buttons.down.disabled = i === layers.length - 1;

    const failed = rows.at(-1).problem;
    problem.textContent = failed ? `Layer ${rows.length}. ${failed}` : "";
    const whole = rows.filter((row) => row.shape);
    const most = {
      parameters: Math.max(...whole.map((row) => row.parameters)),
      macs: Math.max(...whole.map((row) => row.macs)),
    };
    const inTable = body.contains(document.activeElement);
    body.replaceChildren(...layers.map((layer, k) => tableRow(layer, rows[k], k, most)));
    if (inTable) body.rows[i].querySelector("button").focus();
    foot.hidden = note.hidden = Boolean(failed);
    if (failed) return;
    const total = ["parameters", "macs"].map((key) => h("td", {}, grouped(sum(rows, key))));
    foot.replaceChildren(
      h("tr", {}, h("th", { scope: "row", colspan: 2 }, "All layers"), ...total, h("td"), h("td")),
    );
    note.textContent = balance(layers, rows);
  }

  const events = SETTINGS.map((key) => `change:${key}`);
  for (const event of events) model.on(event, update);
  update();

  // What is on the page, for tests and for the curious.
  el.courseWidget = { rows: () => rows, state, set };

  return () => events.forEach((event) => model.off(event, update));
}

export default { render };
