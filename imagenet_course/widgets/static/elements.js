/** Small building blocks of every widget: elements and labeled controls. */

const SVG = "http://www.w3.org/2000/svg";
let lastId = 0;

/** An id that no other element of this page has. */
export const uniqueId = (name) => `cw-${name}-${++lastId}`;

function assemble(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** `h("p", { class: "note", onclick: f }, "text", child)`: an HTML element. */
export function h(tag, properties = {}, ...children) {
  return assemble(document.createElement(tag), properties, children);
}

/** The same for SVG. */
export function svg(tag, properties = {}, ...children) {
  return assemble(document.createElementNS(SVG, tag), properties, children);
}

/** A button; `name` is what it is called where its text alone does not say. */
export const button = (text, onclick, name = null) =>
  h("button", { type: "button", "aria-label": name, onclick }, text);

/** A labeled control; `wide` lets it take the room that is left in its row. */
export function field(label, control, { wide = false } = {}) {
  control.id ||= uniqueId("control");
  return h(
    "div",
    { class: wide ? "cw-field cw-wide" : "cw-field" },
    h("label", { for: control.id }, label),
    control,
  );
}

/** A drop-down list; `show(options, value)` refills it with `[value, text]` pairs. */
export function dropDown(onPick) {
  const select = h("select", { onchange: () => onPick(select.value) });
  const show = (options, value) => {
    const texts = options.map(([, text]) => text).join("\n");
    if (select.dataset.texts !== texts) {
      select.dataset.texts = texts;
      select.replaceChildren(...options.map(([v, text]) => h("option", { value: v }, text)));
    }
    select.value = value;
  };
  return { element: select, show };
}

/** A whole number between `min` and `max`, with buttons big enough for a thumb. */
function stepper(label, { min, max, onPick }) {
  const pick = (value) => {
    if (Number.isInteger(value) && value >= min && value <= max) onPick(value);
    else show(current);
  };
  let current = min;
  const id = uniqueId("stepper");
  const input = h("input", {
    id,
    type: "number",
    min,
    max,
    step: 1,
    onchange: () => pick(input.valueAsNumber),
  });
  const less = button("−", () => pick(current - 1), `Decrease ${label.toLowerCase()}`);
  const more = button("+", () => pick(current + 1), `Increase ${label.toLowerCase()}`);
  const show = (value) => {
    current = value;
    input.value = value;
    less.disabled = value <= min;
    more.disabled = value >= max;
  };
  const box = h("div", { class: "cw-stepper" }, less, input, more);
  return { element: h("div", { class: "cw-field" }, h("label", { for: id }, label), box), show };
}

/**
 * A stepper for each of `settings` {key: [label, min, max]}; `onPick({key: value})` hears of each
 * change, and `show(values)` hides those that `values` does not have.
 */
export function steppers(settings, onPick) {
  const all = Object.entries(settings).map(([key, [label, min, max]]) => [
    key,
    stepper(label, { min, max, onPick: (value) => onPick({ [key]: value }) }),
  ]);
  const show = (values) => {
    for (const [key, { element, show }] of all) {
      element.hidden = !(key in values);
      if (key in values) show(values[key]);
    }
  };
  return { elements: all.map(([, { element }]) => element), show };
}

/** A row of buttons of which one is chosen; `options` are `[value, text]` pairs. */
export function segments(label, options, onPick) {
  const name = uniqueId("segments");
  const inputs = options.map(([value]) =>
    h("input", { type: "radio", name, value, onchange: () => onPick(value) }),
  );
  const element = h(
    "fieldset",
    { class: "cw-segments" },
    h("legend", {}, label),
    h("div", {}, ...options.map(([, text], i) => h("label", {}, inputs[i], text))),
  );
  const show = (value) => inputs.forEach((input) => (input.checked = input.value === value));
  return { element, show };
}

/** Sentences with what they are about; `show(lines)` takes `[term, before, figure, after]`. */
export function explanation() {
  const element = h("div", { class: "cw-explanation" });
  const show = (lines) =>
    element.replaceChildren(
      ...lines.flatMap(([term, before, figure = "", after = ""]) => [
        h("p", { class: "cw-muted cw-term" }, term),
        h("p", {}, before, h("strong", {}, figure), after),
      ]),
    );
  return { element, show };
}
