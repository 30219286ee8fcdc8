import { h, svg } from "./elements.js";
import { clamp } from "./numbers.js";

/** Black or white, whichever reads better on a color (WCAG relative luminance). */
function inkOn(color) {
  const [r, g, b] = color.map((v) => {
    const s = v / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#000" : "#fff";
}

const LARGEST_TEXT = 13;
const SMALLEST_TEXT = 8;
const GAP_FROM = 14; // smaller cells are parts of a photograph: lines between them would veil it

/**
 * A matrix drawn as sharp squares, with outlines above it that the style sheet colors.
 * Cells without a color stay transparent, so that the style sheet can show padding.
 */
export class PixelGrid {
  constructor() {
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.marks = svg("svg", { "aria-hidden": "true", preserveAspectRatio: "none" });
    this.element = h("div", { class: "cw-grid" }, this.canvas, this.marks);
  }

  /**
   * @param {number} rows @param {number} cols
   * @param {number} size  side of a cell in CSS pixels
   * @param {(i: number, j: number) => ?number[]} colorAt
   * @param {(i: number, j: number) => string} textAt  written where all of them fit
   */
  draw(rows, cols, size, colorAt, textAt) {
    const ratio = window.devicePixelRatio || 1;
    const cell = Math.max(1, Math.floor(size * ratio));
    Object.assign(this, { rows, cols });
    this.size = cell / ratio;
    this.canvas.width = cols * cell;
    this.canvas.height = rows * cell;
    this.element.style.width = `${cols * this.size}px`;
    this.element.style.height = `${rows * this.size}px`;
    this.marks.setAttribute("viewBox", `0 0 ${cols} ${rows}`);

    const context = this.canvas.getContext("2d");
    const gap = this.size >= GAP_FROM ? Math.max(1, Math.round(ratio / 2)) : 0;
    const font = this.fontSize(context, rows, cols, textAt) * ratio;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `${font}px system-ui, sans-serif`;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) {
        const color = colorAt(i, j);
        if (!color) continue;
        context.fillStyle = `rgb(${color.join()})`;
        context.fillRect(j * cell, i * cell, cell - gap, cell - gap);
        if (font === 0) continue;
        context.fillStyle = inkOn(color);
        context.fillText(textAt(i, j), (j + 0.5) * cell - gap / 2, (i + 0.53) * cell - gap / 2);
      }
    }
  }

  /** The text size at which the longest number fits its cell; 0 where it would be too small. */
  fontSize(context, rows, cols, textAt) {
    if (this.size < 2 * SMALLEST_TEXT) return 0;
    context.font = "100px system-ui, sans-serif";
    let widest = 0;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) {
        widest = Math.max(widest, context.measureText(textAt(i, j)).width);
      }
    }
    const size = Math.min(LARGEST_TEXT, this.size * 0.42, ((this.size - 3) * 100) / widest);
    return size < SMALLEST_TEXT ? 0 : size;
  }

  /** Outlines rectangles `{row, col, rows, cols, kind}`, where `kind` is "window" or "tap". */
  outline(rectangles) {
    this.marks.replaceChildren(
      ...rectangles.flatMap(({ row, col, rows = 1, cols = 1, kind }) => {
        const box = { x: col, y: row, width: cols, height: rows };
        const line = svg("rect", { ...box, class: `cw-${kind}` });
        return kind === "window" ? [svg("rect", { ...box, class: "cw-halo" }), line] : [line];
      }),
    );
  }

  /** The cell under a pointer, held to the grid. */
  cellAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const hold = (x, n) => clamp(Math.floor(x), 0, n - 1);
    return [
      hold(((event.clientY - box.top) / box.height) * this.rows, this.rows),
      hold(((event.clientX - box.left) / box.width) * this.cols, this.cols),
    ];
  }
}
