import { button, dropDown, field, h, steppers, uniqueId } from "./elements.js";
import { sum } from "./numbers.js";
import { settingsOf } from "./settings.js";
import { DEFAULTS, describe, KIND_NAMES, KINDS, stackRows } from "./stack.js";

/**
 * The stack calculator: layers one on the other, and what each of them costs and sees.
 *
 * State, all of it in the model:
 * `networks` [{name, size, channels, layers}], `size`, `channels`, `layers` [{kind, …}],
 * `selected` (the index of the layer that the controls change).
 */

const SETTINGS = ["size", "channels", "layers", "selected"];
// The same limits as in stack_calculator.py.
const INPUT = { size: ["Input size", 1, 512], channels: ["Input channels", 1, 512] };
const LARGEST_STACK = 40;
const LAYER = {
  out: ["Channels", ...KINDS.conv.out],
  kernel: ["Window", ...KINDS.conv.kernel],
  stride: ["Stride", ...KINDS.conv.stride],
  padding: ["Padding", ...KINDS.conv.padding],
};
const COLUMNS = ["Layer", "Output", "Parameters", "Multiply-adds", "Field", "Jump"];

const sameStack = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const grouped = (n) => n.toLocaleString("en-US");
/** A share in whole percent, without rounding something down to nothing. */
function percent(part, whole) {
  const rounded = whole ? Math.round((100 * part) / whole) : 0;
  return rounded === 0 && part > 0 ? "less than 1 %" : `${rounded} %`;
}
const total = (rows, key) => sum(rows.map((row) => row[key]));

/** A layer of `kind` that keeps what it can of the settings of `old`. */
const converted = (old, kind) => ({
  kind,
  ...Object.fromEntries(Object.keys(KINDS[kind]).map((key) => [key, old[key] ?? DEFAULTS[key]])),
});

/** The controls of the selected layer; `edit(changed)` replaces it. */
function layerEditor(edit) {
  let layer = null;
  const kinds = dropDown((kind) => edit(converted(layer, kind)));
  const numbers = steppers(LAYER, (changes) => edit({ ...layer, ...changes }));
  const norm = h("input", {
    type: "checkbox",
    onchange: () => edit({ ...layer, norm: Number(norm.checked) }),
  });
  const normLabel = h("label", { class: "cw-stack-check" }, norm, "batch norm");
  const elements = [field("Kind", kinds.element, { wide: true }), ...numbers.elements, normLabel];
  function show(shown) {
    layer = shown;
    kinds.show(Object.entries(KIND_NAMES), layer.kind);
    numbers.show(layer);
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
    `Linear layers hold ${percent(total(linear, "parameters"), total(rows, "parameters"))} of the ` +
    `parameters and do ${percent(total(linear, "macs"), total(rows, "macs"))} of the multiply-adds.`
  );
}

function render({ model, el }) {
  const settings = settingsOf(model, SETTINGS);
  const { state, set } = settings;
  const selected = () => Math.min(model.get("selected"), model.get("layers").length - 1);

  /** Replaces `count` layers from `index` by `put`, and selects layer `next`. */
  function splice(index, count, put, next) {
    const layers = [...model.get("layers")];
    layers.splice(index, count, ...put);
    set({ selected: next, layers });
  }
  function add() {
    const i = selected();
    splice(i + 1, 0, [{ ...model.get("layers")[i] }], i + 1);
  }
  const remove = () => splice(selected(), 1, [], Math.max(0, selected() - 1));
  function move(step) {
    const [i, layers] = [selected(), model.get("layers")];
    const from = Math.min(i, i + step);
    splice(from, 2, [layers[from + 1], layers[from]], i + step);
  }

  const networks = dropDown((name) => {
    const known = model.get("networks").find((network) => network.name === name);
    if (known)
      set({ selected: 0, size: known.size, channels: known.channels, layers: known.layers });
  });
  const input = steppers(INPUT, set);
  const editor = layerEditor((layer) => splice(selected(), 1, [layer], selected()));
  const buttons = {
    add: button("Add below", add, "Add a layer below"),
    remove: button("Remove", remove, "Remove this layer"),
    up: button("↑", () => move(-1), "Move this layer up"),
    down: button("↓", () => move(1), "Move this layer down"),
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
        ...input.elements,
        button("Reset", settings.reset),
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
    input.show({ size, channels });
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
    const sums = ["parameters", "macs"].map((key) => h("td", {}, grouped(total(rows, key))));
    foot.replaceChildren(
      h("tr", {}, h("th", { scope: "row", colspan: 2 }, "All layers"), ...sums, h("td"), h("td")),
    );
    note.textContent = balance(layers, rows);
  }

  settings.onChange(update);
  update();

  // What is on the page, for tests and for the curious.
  el.courseWidget = { rows: () => rows, state, set };

  return settings.stop;
}

export default { render };
