import { interval, middle, writtenDate } from "./dates.js";
import { button, h, segments, uniqueId } from "./elements.js";
import { settingsOf } from "./settings.js";

/**
 * The timeline: events in lanes by kind, walked by arrow keys or picked with the pointer.
 *
 * State, all of it in the model:
 * `events` [{date, kind, what, cite, title, url}], oldest first, `names` {kind: name},
 * `starts` (years offered as the first), `kinds` (those shown), `since` (the first year of the
 * axis), `selected` (the position of an event).
 */

const SETTINGS = ["kinds", "since", "selected"];
const MOST_TICKS = 8;

const yearOf = ({ date }) => Number(date.slice(0, 4));

/** The event of `among` whose middle lies nearest to `time`. */
const nearest = (events, among, time) =>
  among.reduce((best, i) =>
    Math.abs(middle(events[i].date) - time) < Math.abs(middle(events[best].date) - time) ? i : best,
  );

/** Years to label between `from` and `to`, at most `MOST_TICKS`. */
function ticks(from, to) {
  const step = [1, 2, 5, 10, 20, 50].find((s) => (to - from) / s < MOST_TICKS);
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, i) => first + i * step);
}

function kindBoxes(names, onPick) {
  const boxes = Object.entries(names).map(([kind, name]) => {
    const box = h("input", { type: "checkbox", value: kind, onchange: () => onPick(chosen()) });
    return [box, h("label", { "data-kind": kind }, box, name)];
  });
  const chosen = () => boxes.filter(([box]) => box.checked).map(([box]) => box.value);
  const element = h(
    "fieldset",
    { class: "cw-timeline-kinds" },
    h("legend", {}, "Show"),
    h("div", {}, ...boxes.map(([, label]) => label)),
  );
  const show = (kinds) => boxes.forEach(([box]) => (box.checked = kinds.includes(box.value)));
  return { element, show };
}

const sourceLink = ({ cite, url }) =>
  h("a", { href: url, target: "_blank", rel: "noopener" }, cite);

function tableOf(events, selected) {
  const rows = events.map(([i, event]) =>
    h(
      "tr",
      { "aria-current": i === selected ? "true" : null },
      h("th", { scope: "row" }, writtenDate(event.date)),
      h("td", {}, event.what),
      h("td", {}, sourceLink(event)),
    ),
  );
  const head = ["Date", "What happened", "Source"].map((name) => h("th", { scope: "col" }, name));
  return h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows));
}

function render({ model, el }) {
  const events = model.get("events");
  const names = model.get("names");
  const end = Math.max(...events.map(yearOf)) + 1;
  const settings = settingsOf(model, SETTINGS);
  const { state, set } = settings;
  const help = uniqueId("help");

  const visible = () =>
    events.flatMap((event, i) =>
      model.get("kinds").includes(event.kind) && yearOf(event) >= model.get("since") ? [i] : [],
    );
  /** The selected event, or its neighbor in time where it is not shown; null where none is. */
  function current() {
    const [shown, selected] = [visible(), model.get("selected")];
    if (!shown.length || shown.includes(selected)) return shown.length ? selected : null;
    return nearest(events, shown, middle(events[selected].date));
  }
  /** Where a moment lies on the axis, in percent of its length. */
  const percent = (time) => (100 * (time - model.get("since"))) / (end - model.get("since"));

  const boxes = kindBoxes(names, (kinds) => set({ kinds }));
  const starts = segments(
    "From year",
    model.get("starts").map((year) => [String(year), String(year)]),
    (year) => set({ since: Number(year) }),
  );
  const lanes = h("div", {
    class: "cw-timeline-lanes",
    role: "group",
    "aria-label": "Events",
    "aria-describedby": help,
    onkeydown: walk,
  });
  const problem = h("p", { class: "cw-problem", role: "alert" });
  const card = h("div", { class: "cw-timeline-card", "aria-live": "polite" });
  const earlier = button("← Earlier", () => move(-1), "Earlier event");
  const later = button("Later →", () => move(1), "Later event");
  const table = h("div");
  el.replaceChildren(
    h(
      "div",
      { class: "cw cw-timeline", role: "group", "aria-label": "Timeline" },
      h("div", { class: "cw-bar" }, boxes.element, starts.element, button("Reset", settings.reset)),
      lanes,
      problem,
      h(
        "p",
        { class: "cw-note", id: help },
        "Tap an event, or focus one and use the arrow keys, Home and End. A bar is as long as the " +
          "time that the source leaves open.",
      ),
      h("div", { class: "cw-timeline-now" }, earlier, card, later),
      h("details", { open: true }, h("summary", {}, "The same as a table"), table),
    ),
  );

  function move(by) {
    const shown = visible();
    const next = shown[shown.indexOf(current()) + by];
    if (next !== undefined) set({ selected: next });
  }
  /** Arrow keys walk in time, up and down from lane to lane. */
  function walk(event) {
    const [shown, now] = [visible(), current()];
    const kinds = model.get("kinds").filter((kind) => shown.some((i) => events[i].kind === kind));
    const lane = (by) => {
      const kind = kinds[kinds.indexOf(events[now].kind) + by];
      const among = shown.filter((i) => events[i].kind === kind);
      return among.length ? nearest(events, among, middle(events[now].date)) : now;
    };
    const neighbor = (by) => shown[shown.indexOf(now) + by] ?? now;
    const next = {
      ArrowLeft: () => neighbor(-1),
      ArrowRight: () => neighbor(1),
      ArrowUp: () => lane(-1),
      ArrowDown: () => lane(1),
      Home: () => shown[0],
      End: () => shown.at(-1),
    }[event.key];
    if (!next || now === null) return;
    event.preventDefault();
    set({ selected: next() });
    lanes.querySelector('[tabindex="0"]').focus();
  }
  /** Events crowd, so a tap takes the one whose middle is nearest in its lane. */
  function tap(event, kind) {
    const among = visible().filter((i) => events[i].kind === kind);
    if (!among.length || event.detail === 0) return;
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    const since = model.get("since");
    set({ selected: nearest(events, among, since + share * (end - since)) });
    lanes.querySelector('[tabindex="0"]').focus();
  }

  function marker(i, now) {
    const { date, kind, what } = events[i];
    const [from, to] = interval(date);
    const left = (percent(from) + percent(to)) / 2;
    return h("button", {
      type: "button",
      class: "cw-timeline-event",
      "data-event": i,
      "data-kind": kind,
      "aria-label": `${writtenDate(date)}: ${what}`,
      "aria-current": i === now ? "true" : null,
      title: what,
      tabindex: i === now ? 0 : -1,
      style: `left: ${left}%; width: max(12px, ${percent(to) - percent(from)}%)`,
      onclick: (event) => {
        if (event.detail === 0) set({ selected: i }); // by key; taps are the lane's
      },
    });
  }
  function update() {
    const [shown, now] = [visible(), current()];
    boxes.show(model.get("kinds"));
    starts.show(String(model.get("since")));
    problem.textContent = shown.length ? "" : "Nothing to show: choose at least one kind.";
    const rows = model
      .get("kinds")
      .map((kind) =>
        h(
          "div",
          { class: "cw-timeline-lane", "data-kind": kind },
          h("span", { class: "cw-muted" }, names[kind]),
          h(
            "div",
            { class: "cw-timeline-track", onclick: (event) => tap(event, kind) },
            ...shown.filter((i) => events[i].kind === kind).map((i) => marker(i, now)),
          ),
        ),
      );
    const axis = ticks(model.get("since"), end - 1).map((year) =>
      h("span", { style: `left: ${percent(year)}%` }, String(year)),
    );
    const hadFocus = lanes.contains(document.activeElement);
    lanes.replaceChildren(
      ...rows,
      h("div", { class: "cw-timeline-axis cw-muted", "aria-hidden": "true" }, ...axis),
    );
    if (hadFocus) lanes.querySelector('[tabindex="0"]')?.focus();
    earlier.disabled = now === null || now === shown[0];
    later.disabled = now === null || now === shown.at(-1);
    card.hidden = now === null;
    if (now !== null) {
      const { date, kind, what, title } = events[now];
      card.dataset.kind = kind;
      card.replaceChildren(
        h("p", { class: "cw-muted" }, `${writtenDate(date)} · ${names[kind]}`),
        h("p", {}, h("strong", {}, what)),
        h("p", { class: "cw-note" }, sourceLink(events[now]), `: ${title}`),
      );
    }
    table.replaceChildren(
      tableOf(
        shown.map((i) => [i, events[i]]),
        now,
      ),
    );
  }

  settings.onChange(update);
  update();

  // What is on the page, for tests and for the curious.
  el.courseWidget = { state, set, visible, current };

  return settings.stop;
}

export default { render };
