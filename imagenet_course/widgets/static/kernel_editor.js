import { h } from "./elements.js";
import { formatWeight, parseNumber } from "./numbers.js";

/** The grid of weights, one text field each; calls `onEdit(kernel)` with every valid edit. */
export function kernelEditor(onEdit, onProblem) {
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
      element.setAttribute("aria-label", `Kernel weights, ${kernel.length} × ${kernel[0].length}`);
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
