import { h, uniqueId } from "./elements.js";
import { clamp } from "./numbers.js";
import { PixelGrid } from "./pixel_grid.js";

/**
 * A pixel grid with one selected cell, moved by pointer, touch or keyboard.
 *
 * To assistive technology it is a grid of which only the selected cell exists. Place `element`
 * and `announcement` in the page; call `select` whenever the selection or its text changes.
 */
export class PickableGrid extends PixelGrid {
  /** @param {{label: string, help: string, onPick: (position: number[]) => void}} options */
  constructor({ label, help, onPick }) {
    super();
    this.onPick = onPick;
    this.cell = h("div", { role: "gridcell", id: uniqueId("cell") });
    this.row = h("div", { role: "row", class: "cw-unseen" }, this.cell);
    this.announcement = h("div", { class: "cw-unseen", "aria-live": "polite" });
    this.element.append(this.row);
    this.element.classList.add("cw-pickable");
    this.setAttributes({
      role: "grid",
      tabindex: 0,
      "aria-label": label,
      "aria-describedby": help,
      "aria-activedescendant": this.cell.id,
    });
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    for (const type of ["pointerdown", "pointermove"]) {
      this.element.addEventListener(type, (event) => this.pick(...this.cellAt(event)));
    }
  }

  setAttributes(attributes) {
    for (const [name, value] of Object.entries(attributes)) this.element.setAttribute(name, value);
  }

  /** Shows the cell at `position` as selected; `text` is what is read out for it. */
  select(position, text) {
    const [row, col] = position;
    this.position = position;
    this.outline([{ row, col, kind: "window" }]);
    this.setAttributes({ "aria-rowcount": this.rows, "aria-colcount": this.cols });
    this.row.setAttribute("aria-rowindex", row + 1);
    this.cell.setAttribute("aria-colindex", col + 1);
    this.cell.textContent = text;
  }

  /** Asks for the cell nearest to (`row`, `col`), unless it is the selected one. */
  pick(row, col) {
    const target = [clamp(row, 0, this.rows - 1), clamp(col, 0, this.cols - 1)];
    if (target.join() !== this.position.join()) this.onPick(target);
  }

  onKey(event) {
    const [row, col] = this.position;
    const [lastRow, lastCol] = [this.rows - 1, this.cols - 1];
    const targets = {
      ArrowUp: [row - 1, col],
      ArrowDown: [row + 1, col],
      ArrowLeft: [row, col - 1],
      ArrowRight: [row, col + 1],
      Home: [event.ctrlKey ? 0 : row, 0],
      End: [event.ctrlKey ? lastRow : row, lastCol],
      PageUp: [0, col],
      PageDown: [lastRow, col],
    };
    if (!targets[event.key] || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation(); // JupyterLab moves between cells with the same keys
    this.pick(...targets[event.key]);
    this.announcement.textContent = this.cell.textContent;
  }
}
