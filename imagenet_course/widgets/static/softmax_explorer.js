import { button, explanation, h, uniqueId } from "./elements.js";
import { asFactor, formatNumber } from "./numbers.js";
import { settingsOf } from "./settings.js";
import { crossEntropy, exponentials, gradient, scaled, shifted, softmax } from "./softmax.js";

/**
 * The softmax explorer: logits on sliders; probabilities, loss and gradient follow.
 *
 * State, all of it in the model:
 * `classes` [names], `logits` [numbers], `target` (an index), `temperature`, `constant`.
 */

const SETTINGS = ["logits", "target", "temperature", "constant"];
// The same limits as those of LIMITS in softmax_explorer.py; temperature by its logarithm.
const LOGIT = { min: -10, max: 10, step: 0.1 };
const LOG_TEMPERATURE = { min: -1, max: 1, step: 0.05 };
const CONSTANT = { min: -1000, max: 1000, step: 10 };

/** Three digits, and powers of ten for what they would hide. */
function write(x) {
  if (x === 0 || !Number.isFinite(x)) return x === Infinity ? "∞" : Number.isNaN(x) ? "NaN" : "0";
  const small = Math.abs(x) < 1e-3 || Math.abs(x) >= 1e6;
  return small ? x.toExponential(1).replaceAll("-", "−").replace("e+", "e") : formatNumber(x, 3);
}

/** Everything that follows from the state by arithmetic. */
function compute(state) {
  const x = scaled(state);
  const probabilities = softmax(x);
  return {
    ...state,
    x,
    probabilities,
    loss: crossEntropy(x, state.target),
    slopes: gradient(probabilities, state.target, state.temperature),
  };
}

/** A slider; `show(value)` moves it. */
function slider(limits, attributes, onInput) {
  const input = h("input", {
    type: "range",
    ...limits,
    ...attributes,
    oninput: () => onInput(input.valueAsNumber),
  });
  return input;
}

/** A slider under a label that says its value. */
function labeled(name, limits, onInput) {
  const id = uniqueId("slider");
  const label = h("label", { for: id });
  const input = slider(limits, { id }, onInput);
  const show = (position, text) => {
    input.value = position;
    label.textContent = `${name} = ${text}`;
  };
  return { element: h("div", { class: "cw-field cw-wide" }, label, input), show };
}

/** One class: its name, its logit, and what becomes of it. */
function classRow(name, group, onTarget, onLogit) {
  const radio = h("input", { type: "radio", name: group, onchange: onTarget });
  const input = slider(LOGIT, { "aria-label": `Logit of ${name}` }, onLogit);
  const [logit, power, p, slope] = Array.from({ length: 4 }, () => h("span"));
  const share = h("div", { class: "cw-softmax-bar" }, h("i"));
  const pull = h("div", { class: "cw-softmax-bar cw-softmax-signed" }, h("i"));
  const element = h(
    "tr",
    {},
    h("th", { scope: "row" }, h("label", {}, radio, name)),
    h("td", {}, h("div", { class: "cw-softmax-logit" }, input, logit)),
    h("td", { class: "cw-softmax-power" }, power),
    h("td", {}, share, p),
    h("td", {}, pull, slope),
  );
  function show(now, k) {
    const { logits, target, temperature, probabilities, slopes } = now;
    radio.checked = k === target;
    input.value = logits[k];
    logit.textContent = formatNumber(logits[k], 4);
    power.textContent = write(Math.exp(shifted(now.x)[k]));
    p.textContent = write(probabilities[k]);
    slope.textContent = write(slopes[k]);
    share.firstChild.style.width = `${100 * probabilities[k]}%`;
    const reach = (50 * slopes[k]) / Math.max(1, 1 / temperature); // in % of the bar's width
    Object.assign(pull.firstChild.style, {
      left: `${Math.min(50, 50 + reach)}%`,
      width: `${Math.abs(reach)}%`,
    });
    pull.classList.toggle("cw-softmax-up", slopes[k] < 0); // training adds to this logit
  }
  return { element, show };
}

/** What the largest-first softmax has saved us from, if anything. */
function naiveReading({ x, constant, target }) {
  const { e, total } = exponentials(x);
  const p = e[target] / total;
  const added = `Adding ${asFactor(formatNumber(constant))} to every logit leaves p as it is. `;
  if (total === Infinity) {
    return (
      `${added}But e^${write(Math.max(...x))} overflows to ∞: without subtracting the largest ` +
      `logit first, p would be ${e[target] === Infinity ? "∞/∞" : `${write(e[target])}/∞`} = ${write(p)}.`
    );
  }
  if (total === 0) {
    return (
      `${added}But every e^z underflows to 0: without subtracting the largest logit first, ` +
      "p would be 0/0 = NaN."
    );
  }
  if (constant === 0) return "Add a constant to all logits, and see what changes.";
  return `${added}Without subtracting the largest logit first: ${write(e[target])} / ${write(total)} ≈ ${write(p)}.`;
}

/** The arithmetic, with the numbers in place. */
function reading(now) {
  const { classes, target, temperature, x, probabilities, loss, slopes } = now;
  const name = classes[target];
  const s = shifted(x);
  const { e } = exponentials(s);
  const sum = e.map(write).join(" + ");
  const p = write(probabilities[target]);
  const over = temperature === 1 ? "" : ` / ${formatNumber(temperature)}`;
  const difference = over ? `(${p} − 1)` : `${p} − 1`;
  return [
    ["Softmax", `p[${name}] = ${write(e[target])} / (${sum}) ≈ `, p],
    ["Loss", `L = −log p[${name}] = log(${sum}) − ${asFactor(write(s[target]))} ≈ `, write(loss)],
    ["Gradient", `∂L/∂z[${name}] = ${difference}${over} ≈ `, write(slopes[target])],
    ["Constant", naiveReading(now)],
  ];
}

function render({ model, el }) {
  const settings = settingsOf(model, SETTINGS);
  const { state, set, drag } = settings;
  const read = () => compute({ ...state(), classes: model.get("classes") });
  let now = read();

  const temperature = labeled("Temperature T", LOG_TEMPERATURE, (power) =>
    drag({ temperature: Number((10 ** power).toPrecision(2)) }),
  );
  const constant = labeled("Added to every logit, c", CONSTANT, (value) =>
    drag({ constant: value }),
  );
  const group = uniqueId("target");
  const rows = now.classes.map((name, k) =>
    classRow(
      name,
      group,
      () => set({ target: k }),
      (value) => drag({ logits: model.get("logits").map((z, j) => (j === k ? value : z)) }),
    ),
  );
  const power = h("th", { scope: "col", class: "cw-softmax-power" });
  const titles = ["true class", "logit z", power, "p", "∂L/∂z"];
  const arithmetic = explanation();
  const announcement = h("p", { class: "cw-unseen", "aria-live": "polite" });
  el.replaceChildren(
    h(
      "div",
      { class: "cw cw-softmax", role: "group", "aria-label": "Softmax explorer" },
      h(
        "div",
        { class: "cw-bar" },
        temperature.element,
        constant.element,
        button("Reset", settings.reset),
      ),
      h(
        "table",
        { "aria-label": "Classes" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ...titles.map((title) =>
              typeof title === "string" ? h("th", { scope: "col" }, title) : title,
            ),
          ),
        ),
        h("tbody", {}, ...rows.map(({ element }) => element)),
      ),
      h(
        "p",
        { class: "cw-note" },
        "Drag a slider, or focus it and use the arrow keys, Page Up and Page Down. ",
        "Training moves each logit against its gradient: blue ones up, orange ones down.",
      ),
      arithmetic.element,
      announcement,
    ),
  );

  function update() {
    now = read();
    temperature.show(Math.log10(now.temperature), formatNumber(now.temperature));
    constant.show(now.constant, formatNumber(now.constant));
    power.textContent = now.temperature === 1 ? "e^(z − max)" : "e^((z − max)/T)";
    rows.forEach(({ show }, k) => show(now, k));
    arithmetic.show(reading(now));
    const { classes, target, probabilities, loss } = now;
    announcement.textContent = `${classes[target]}: probability ${write(probabilities[target])}, loss ${write(loss)}`;
  }

  settings.onChange(update, { classes: update });
  update();

  // What is on the page, for tests and for the curious.
  el.courseWidget = {
    probabilities: () => now.probabilities,
    loss: () => now.loss,
    gradient: () => now.slopes,
    state,
    set,
  };

  return settings.stop;
}

export default { render };
