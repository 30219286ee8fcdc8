import { button, dropDown, field, h } from "./elements.js";
import { settingsOf } from "./settings.js";

/**
 * The ledger of claims, searched and filtered.
 *
 * State, all of it in the model:
 * `entries` [{id, subject, claim, chinese, verdict, correction, sources, check, found, agrees,
 * chapter, title}], `verdicts` {name: meaning}, `query`, `verdict`, `subject`; and `_home`, the
 * address of the chapters where this page is not one of them.
 */

const FILTERS = ["query", "verdict", "subject"];
const MARKS = { true: "true", false: "false", impossible: "false" }; // all others lie between

const capital = (text) => text[0].toUpperCase() + text.slice(1);
const once = (values) => [...new Set(values)];

/** In lower case, without accents, and with the x that a keyboard has for ×. */
const plain = (text) =>
  text
    .replaceAll("×", "x")
    .normalize("NFKD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase();

/** What a search looks through; the same as `_text` in ledger.py. */
const searched = (entry) =>
  plain(
    [
      ...["id", "claim", "chinese", "verdict", "correction", "found", "title"].map(
        (key) => entry[key] ?? "",
      ),
      ...entry.sources.map(({ by, title }) => `${by} ${title}`),
    ].join("\n"),
  );

/** A line of an opened entry: what it says about, and what it says. */
const line = (name, ...content) =>
  h("div", { class: "cw-ledger-line" }, h("dt", {}, name), h("dd", {}, ...content));

function checkLine({ check, found, agrees, chapter }) {
  if (found)
    return line(
      "Checked",
      `${capital(found)}. `,
      h(
        "span",
        { class: agrees ? "cw-muted" : "cw-problem" },
        agrees ? "The verdict agrees." : "The verdict disagrees.",
      ),
    );
  if (check) return line("Checked", "by code, which was not run for this page.");
  return line(
    "Checked",
    chapter ? "in the chapter named below." : "in the sources; no code can decide it.",
  );
}

/** A claim that opens and closes. */
function entryElement(entry, home) {
  const { id, claim, chinese, verdict, correction, sources, check, chapter, title } = entry;
  const cited = sources.map(({ by, title, url }) =>
    h("li", {}, h("a", { href: url }, by), `, ${title}`),
  );
  return h(
    "details",
    { class: "cw-ledger-entry", "data-id": id },
    h(
      "summary",
      {},
      h("span", { class: "cw-ledger-id cw-muted" }, id),
      h(
        "span",
        { class: "cw-ledger-claim" },
        claim,
        ...(chinese ? [h("span", { lang: "zh", class: "cw-muted" }, chinese)] : []),
      ),
      h("span", { class: "cw-ledger-verdict", "data-mark": MARKS[verdict] ?? "between" }, verdict),
    ),
    h(
      "dl",
      {},
      line("What is so", correction),
      checkLine(entry),
      ...(check ? [line("By", h("code", {}, check.split(".").slice(-2).join(".")))] : []),
      line("Sources", h("ul", {}, ...cited)),
      ...(title ? [line("Chapter", h("a", { href: `${home}${chapter}.html` }, title))] : []),
    ),
  );
}

function render({ model, el }) {
  const entries = model.get("entries");
  const verdicts = model.get("verdicts");
  const texts = entries.map(searched);
  const settings = settingsOf(model, FILTERS);
  const { state, set } = settings;

  const search = h("input", {
    type: "search",
    autocomplete: "off",
    placeholder: "pooling, VGG, 池化 …",
    oninput: () => set({ query: search.value }),
  });
  const verdict = dropDown((value) => set({ verdict: value }));
  const subject = dropDown((value) => set({ subject: value }));
  const all = button("", () => openAll());
  const reset = button("Reset", () => set({ query: "", verdict: "", subject: "" }));
  const count = h("p", { class: "cw-note", role: "status" });
  const items = entries.map((entry) => entryElement(entry, model.get("_home") ?? ""));
  const list = h("div", { class: "cw-ledger-list" }, ...items);
  el.replaceChildren(
    h(
      "div",
      { class: "cw cw-ledger", role: "group", "aria-label": "Ledger of claims" },
      h(
        "div",
        { class: "cw-bar", role: "search" },
        field("Search", search, { wide: true }),
        field("Verdict", verdict.element),
        field("Subject", subject.element),
        all,
        reset,
      ),
      count,
      list,
    ),
  );

  const shown = () => items.filter((item) => !item.hidden);
  const areOpen = () => shown().every((item) => item.open);
  const nameButton = () => (all.textContent = areOpen() ? "Close all" : "Open all");
  function openAll() {
    const open = !areOpen();
    for (const item of shown()) item.open = open;
  }
  for (const item of items) item.addEventListener("toggle", nameButton);

  /** `[value, text]` pairs with how many claims each has. */
  const options = (key, values) => [
    ["", `all (${entries.length})`],
    ...values.map((value) => [
      value,
      `${value} (${entries.filter((entry) => entry[key] === value).length})`,
    ]),
  ];

  function update() {
    const { query, verdict: wanted, subject: about } = state();
    const words = plain(query).split(/\s+/).filter(Boolean);
    items.forEach((item, i) => {
      const { verdict, subject } = entries[i];
      item.hidden =
        ![verdict, ""].includes(wanted) ||
        ![subject, ""].includes(about) ||
        !words.every((word) => texts[i].includes(word));
    });
    if (search.value !== query) search.value = query;
    verdict.show(options("verdict", Object.keys(verdicts)), wanted);
    subject.show(options("subject", once(entries.map((entry) => entry.subject))), about);
    const found = shown().length;
    all.disabled = !found;
    nameButton();
    count.textContent =
      `${found} of ${entries.length} claims` +
      (wanted ? `. ${capital(wanted)}: ${verdicts[wanted]}.` : ".");
  }

  settings.onChange(update);
  update();

  // What is on the page, for tests and for the curious.
  el.courseWidget = { shown: () => shown().map((item) => item.dataset.id), state, set };

  return settings.stop;
}

export default { render };
