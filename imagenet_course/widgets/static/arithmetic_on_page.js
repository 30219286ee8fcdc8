import { outputSize, sumOfProducts } from "./convolution.js";
import { h } from "./elements.js";
import { asFactor, asSum, formatNumber, formatWeight, isWrittenExactly } from "./numbers.js";

/** `⌊(8 + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 4`, the output size with the numbers in place. */
function sizeEquation(n, k, geometry) {
  const { stride, padding, dilation } = geometry;
  const result = outputSize(n, k, geometry);
  return `⌊(${n} + 2·${padding} − ${dilation}·(${k} − 1) − 1) / ${stride}⌋ + 1 = ${result}`;
}

/** The output size by the formula, once where rows and columns agree. */
export function sizeLines({ image, kernel, geometry }) {
  const rows = sizeEquation(image.length, kernel.length, geometry);
  const cols = sizeEquation(image[0].length, kernel[0].length, geometry);
  const lines = rows === cols ? [`= ${rows}`] : [`rows = ${rows}`, `columns = ${cols}`];
  return [
    h("h4", {}, "Output size, by rows and by columns"),
    h("p", { class: "cw-muted" }, "⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1"),
    ...lines.map((line) => h("p", {}, line)),
  ];
}

/** The products in the shape of the window, each with its two factors. */
export function productTable(taps, cols, [row, col]) {
  const rows = [];
  for (let start = 0; start < taps.length; start += cols) {
    const cells = taps
      .slice(start, start + cols)
      .map((tap) =>
        h(
          "td",
          { class: tap.inside ? "" : "cw-outside" },
          h(
            "span",
            { class: "cw-factors" },
            `${formatNumber(tap.pixel)} · ${asFactor(formatWeight(tap.weight))}`,
          ),
          h("span", { class: "cw-product" }, formatNumber(tap.product)),
        ),
      );
    rows.push(h("tr", {}, ...cells));
  }
  const label = `Products under the kernel for output row ${row}, column ${col}`;
  return h("table", { "aria-label": label }, h("tbody", {}, ...rows));
}

/** `Y[2, 3] = 13 − 30 + 2 = −15`; products that are zero stand in the table only. */
export function equation(taps, [row, col]) {
  const total = sumOfProducts(taps);
  const products = taps.map((tap) => tap.product).filter((product) => product !== 0);
  const terms = products.map((product) => formatNumber(product));
  const exact = products.every((x) => isWrittenExactly(x)) && isWrittenExactly(total, 6);
  const sum = products.length > 1 ? `${asSum(terms)} ${exact ? "=" : "≈"} ` : "";
  return [`Y[${row}, ${col}] = ${sum}`, h("strong", {}, formatNumber(total, 6))];
}
