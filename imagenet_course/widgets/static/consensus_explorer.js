import { legend, signed } from "./color_scales.js";
import {
  confidence,
  consensusProblem,
  dynamicConsensus,
  logOdds,
  smallestMajority,
} from "./consensus.js";
import { button, dropDown, explanation, field, h, steppers, uniqueId } from "./elements.js";
import { clamp, formatNumber } from "./numbers.js";
import { PickableGrid } from "./pickable_grid.js";
import { settingsOf } from "./settings.js";

/**
 * The consensus explorer: votes on a candidate image as a walk over the table of confidences.
 *
 * State, all of it in the model; the rates in percent:
 * `synsets` [{name, sensitivity, false_positive_rate}], `sensitivity`, `false_positive_rate`,
 * `prior`, `threshold`, `most` (votes per candidate), `position` [no, yes].
 */

const SETTINGS = ["sensitivity", "false_positive_rate", "prior", "threshold", "most", "position"];
// The same limits and choices as in consensus_explorer.py.
const STEPPERS = {
  sensitivity: ["Yes if good, %", 1, 99],
  false_positive_rate: ["Yes if bad, %", 1, 99],
  prior: ["Good candidates, %", 1, 99],
  most: ["Votes at most", 4, 40],
};
const THRESHOLDS = [90, 95, 99, 99.9];
const LARGEST_CELL = 24; // in CSS pixels
const OWN = "your own";

const percent = (share) =>
  share > 0 && share < 1e-4 ? "less than 0.01 %" : `${formatNumber(100 * share, 3)} %`;

/** The pair of counts nearest to `position` that a candidate can have. */
function reachable([no, yes], { verdict, good, bad }, most) {
  const counts = [clamp(no, 0, most), clamp(yes, 0, most)];
  const lies = ([n, y]) => n + y <= most && good[y][n] + bad[y][n] > 0;
  while (!lies(counts)) counts[counts[0] > counts[1] ? 0 : 1] -= 1;
  return { position: counts, verdict: verdict[counts[1]][counts[0]] };
}

/** Everything that follows from the state by arithmetic. */
function compute(model) {
  const crowd = {
    prior: model.get("prior") / 100,
    sensitivity: model.get("sensitivity") / 100,
    falsePositiveRate: model.get("false_positive_rate") / 100,
  };
  const threshold = model.get("threshold") / 100;
  const most = model.get("most");
  const problem = consensusProblem(crowd, threshold);
  if (problem) return { crowd, threshold, most, problem };
  const walk = dynamicConsensus(crowd, threshold, most);
  const fixed = smallestMajority(crowd, threshold);
  const here = reachable(model.get("position"), walk, most);
  return { crowd, threshold, most, problem, walk, fixed, ...here };
}

function buildControls(model, { state, set, reset }, vote) {
  const synsets = dropDown((name) => {
    const chosen = model.get("synsets").find((synset) => synset.name === name);
    if (chosen) {
      const { sensitivity, false_positive_rate } = chosen;
      set({ sensitivity, false_positive_rate });
    } else show();
  });
  const thresholds = dropDown((value) => set({ threshold: Number(value) }));
  const numbers = steppers(STEPPERS, set);
  const yes = button("A worker says yes", () => vote(0, 1));
  const no = button("A worker says no", () => vote(1, 0));
  const bars = [
    h(
      "div",
      { class: "cw-bar" },
      field("Synset", synsets.element, { wide: true }),
      ...numbers.elements,
    ),
    h(
      "div",
      { class: "cw-bar" },
      field("Confidence", thresholds.element),
      yes,
      no,
      button("Next candidate", () => set({ position: [0, 0] })),
      button("Reset", reset),
    ),
  ];
  function show() {
    const rates = ["sensitivity", "false_positive_rate"];
    const known = model
      .get("synsets")
      .find((synset) => rates.every((rate) => synset[rate] === model.get(rate)));
    const names = [...model.get("synsets").map(({ name }) => name), OWN];
    synsets.show(
      names.map((name) => [name, name]),
      known?.name ?? OWN,
    );
    const choices = THRESHOLDS.map((value) => [value, `${value} %`]);
    thresholds.show(choices, String(model.get("threshold")));
    numbers.show(state());
  }
  const allow = (voting) => {
    yes.disabled = no.disabled = !voting;
  };
  return { bars, show, allow };
}

const FATES = { 1: "accepted", "-1": "rejected" };

/** Sentences on the selected counts and on the two ways of voting. */
function reading({ crowd, threshold, most, walk, fixed, position, verdict }) {
  const [no, yes] = position;
  const reached = walk.good[yes][no] + walk.bad[yes][no];
  const fate = FATES[verdict] ?? (yes + no === most ? "given up" : "shown to one more worker");
  const { votes, precision, recall, undecided } = walk.outcome;
  const quality = (outcome) =>
    `${percent(outcome.precision)} of the kept images are good, and ` +
    `${percent(outcome.recall)} of the good ones are kept`;
  const dynamic = precision === null ? "nothing is ever accepted" : quality({ precision, recall });
  return [
    [
      "Here",
      `${yes} yes, ${no} no: good with confidence `,
      formatNumber(confidence(yes, no, crowd), 4),
      `. The image is ${fate}. ${percent(reached)} of all candidates pass here.`,
    ],
    [
      "Dynamic",
      "",
      `${formatNumber(votes, 3)} votes`,
      ` per candidate: ${dynamic}; ${percent(undecided)} are given up.`,
    ],
    fixed
      ? ["Majority", "", `${fixed.votes} votes`, ` per candidate: ${quality(fixed)}.`]
      : ["Majority", `No majority of up to 399 votes is ${percent(threshold)} precise.`],
  ];
}

function render({ model, el }) {
  const settings = settingsOf(model, SETTINGS);
  const { state, set } = settings;
  let now = compute(model);
  const pick = (position) => settings.drag({ position });
  const vote = (no, yes) => set({ position: [now.position[0] + no, now.position[1] + yes] });

  const controls = buildControls(model, settings, vote);
  const help = uniqueId("help");
  const grid = new PickableGrid({ label: "Votes", help, onPick: pick });
  const scale = h("div", { class: "cw-legend" }, ...legend("signed", "surely bad", "surely good"));
  const table = h(
    "figure",
    {},
    h("figcaption", {}, h("b", {}, "Votes"), " yes to the right →, no downwards ↓"),
    grid.element,
    scale,
  );
  const outcomes = explanation();
  const stage = h("div", { class: "cw-consensus-stage" }, table, outcomes.element);
  const problem = h("p", { class: "cw-problem", role: "alert" });
  const note =
    "Point at a pair of counts or tap it, or focus the table and use the arrow keys. " +
    "Empty cells are never reached.";
  el.replaceChildren(
    h(
      "div",
      { class: "cw cw-consensus", role: "group", "aria-label": "Consensus explorer" },
      ...controls.bars,
      problem,
      stage,
      h("p", { class: "cw-note", id: help }, note),
      grid.announcement,
    ),
  );

  function draw() {
    problem.textContent = now.problem ?? "";
    stage.hidden = Boolean(now.problem);
    if (now.problem) return controls.allow(false);
    const { walk, most, crowd } = now;
    const reached = (no, yes) => yes + no <= most && walk.good[yes][no] + walk.bad[yes][no] > 0;
    const counts = [...Array(most + 1).keys()];
    const rows = 1 + counts.findLast((no) => counts.some((yes) => reached(no, yes)));
    const cols = 1 + counts.findLast((yes) => counts.some((no) => reached(no, yes)));
    // Verdicts have the full color, what is still open a paler one.
    const color = (no, yes) => {
      if (!reached(no, yes)) return null;
      const verdict = walk.verdict[yes][no];
      return verdict ? signed(verdict, 1) : signed(logOdds(yes, no, crowd), 12);
    };
    const text = (no, yes) => ({ 1: "+", "-1": "−" })[reached(no, yes) && walk.verdict[yes][no]];
    const cell = clamp(table.clientWidth / Math.max(rows, cols), 0.5, LARGEST_CELL);
    grid.draw(rows, cols, cell, color, (no, yes) => text(no, yes) ?? "");
    select();
  }
  function select() {
    const [no, yes] = now.position;
    const sure = formatNumber(confidence(yes, no, now.crowd));
    grid.select(now.position, `${yes} yes, ${no} no: confidence ${sure}`);
    controls.allow(now.verdict === 0 && yes + no < now.most);
    outcomes.show(reading(now));
  }
  function update() {
    now = compute(model);
    controls.show();
    draw();
  }
  function move() {
    now = compute(model);
    if (!now.problem) select();
  }

  settings.onChange(update, { position: move });
  settings.onResize(stage, draw);
  update();

  // What is on the page, for tests and for the curious.
  el.courseWidget = {
    walk: () => now.walk ?? null,
    fixed: () => now.fixed ?? null,
    position: () => now.position ?? null,
    state,
    set,
  };

  return settings.stop;
}

export default { render };
