// Model versions: how good each is, where it stands, what it is made of, what changed; which one answers.

import * as api from "./api.js";
import { ask } from "./dialog.js";
import { h, toast } from "./dom.js";
import { accuracy, ago } from "./format.js";
import { createCard } from "./model-card.js";
import { createTraining } from "./training.js";

const COLUMNS = ["Version", "State", "Test set", "Held-back", "Calibration error", "Corrections", "Made", ""];

/** The view of models and trainings. */
export function createModels({ live }) {
  const opened = new Set(); // versions whose card is open: it stays so while events arrive
  const list = h("section", { class: "card wide", "aria-label": "Versions", tabIndex: 0 });
  const render = () => list.replaceChildren(live.models ? table(live, opened, render) : h("p", { class: "empty" }, "Asking for the versions…"));
  live.on("models", () => keepFocus(list, render));
  const head = h("div", { class: "view-head" }, h("div", {}, h("h1", {}, "Models"), h("p", {}, "Every retrain makes a version. One of them answers; the one before stays loaded, so that going back takes an instant.")));
  return { element: h("div", { class: "view" }, head, h("div", { class: "models" }, list, createTraining({ live }))), title: "Models" };
}

/** Rendering replaces buttons; the focus stays on the one that took the place of the focused. */
function keepFocus(element, render) {
  const label = element.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  render();
  if (label) [...element.querySelectorAll("button")].find((button) => button.getAttribute("aria-label") === label)?.focus({ preventScroll: true });
}

function table(live, opened, render) {
  const { versions } = live.models;
  if (versions.length === 0) {
    return h("div", { class: "empty" }, h("strong", {}, "No model yet"), h("p", {}, "The trainer puts the shipped one here when it starts: make up, or docker compose up -d trainer."));
  }
  return h("table", {},
    h("thead", {}, h("tr", {}, COLUMNS.map((name) => h("th", { scope: "col" }, name || h("span", { class: "visually-hidden" }, "Actions"))))),
    h("tbody", {}, versions.flatMap((version) => rows(version, live, opened, render))));
}

function rows(version, live, opened, render) {
  const isOpen = opened.has(version.version);
  const toggle = () => {
    if (!opened.delete(version.version)) opened.add(version.version);
    render();
  };
  const detail = isOpen && h("tr", { class: "card-row" }, h("td", { colSpan: COLUMNS.length }, createCard(version, live.models.versions)));
  return [row(version, live, isOpen, toggle), detail].filter(Boolean);
}

function row(one, live, isOpen, toggle) {
  const { version, state, labels, card } = one;
  const isStable = version === live.models.stable;
  const details = h("button", { type: "button", class: "button slim quiet", "aria-expanded": String(isOpen), "aria-label": `Details of version ${version}`, disabled: !card, onclick: toggle }, isOpen ? "Less" : "Details");
  const change = isStable ? h("span", { class: "small soft" }, "answers now") : activateButton(one, live);
  return h("tr", { class: isStable ? "stable" : "", dataset: { version } },
    h("td", {}, h("span", { class: "version" }, version)),
    h("td", {}, badge(state, isStable, labels)),
    h("td", {}, accuracy(card?.metrics.test_accuracy)),
    h("td", {}, accuracy(card?.metrics.validation_accuracy)),
    h("td", {}, accuracy(card?.metrics.expected_calibration_error)),
    h("td", {}, card ? card.corrections : "–"),
    h("td", {}, card ? ago(card.created_at) : "–"),
    h("td", {}, h("span", { class: "row-actions" }, details, change)));
}

const GOOD = new Set(["AVAILABLE"]);
const IDLE = new Set(["UNLOADED", "LOADING", "START"]);

function badge(state, isStable, labels) {
  if (isStable && GOOD.has(state)) return h("span", { class: "badge", dataset: { state: "traffic" } }, "in traffic");
  const kind = GOOD.has(state) ? "good" : IDLE.has(state) ? "" : "bad";
  const name = { AVAILABLE: "loaded", UNLOADED: "on disk" }[state] ?? state.toLowerCase();
  const others = labels.filter((label) => label !== "stable");
  return h("span", { class: "badge", dataset: { state: kind } }, [name, ...others].join(", "));
}

function activateButton({ version, state, card }, live) {
  const { stable, versions } = live.models;
  const verb = stable !== null && version < stable ? "Roll back" : "Activate";
  const now = versions.find((other) => other.version === stable)?.card;
  const open = async () => {
    const done = await ask({
      title: `${verb === "Activate" ? "Activate version" : "Roll back to version"} ${version}?`,
      action: verb,
      fields: [h("p", {}, state === "AVAILABLE" ? "It is loaded already: the traffic moves at once." : "It is loaded beside the present one, then the traffic moves. No reading is lost."), comparison(stable, now, version, card)],
      run: () => api.activate(version),
    });
    if (done) toast(`Version ${version} answers now.`);
    await live.refreshModels();
  };
  return h("button", { type: "button", class: "button slim", "aria-label": `${verb === "Activate" ? "Activate" : "Roll back to"} version ${version}`, onclick: open }, verb);
}

function comparison(stable, now, version, then) {
  const measures = [["Test set", "test_accuracy"], ["Held-back images", "validation_accuracy"], ["Calibration error", "expected_calibration_error"]];
  return h("table", { class: "comparison" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Measured"), h("th", { scope: "col" }, `version ${stable ?? "–"}, now`), h("th", { scope: "col" }, `version ${version}`))),
    h("tbody", {}, measures.map(([name, key]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, accuracy(now?.metrics[key])), h("td", {}, accuracy(then?.metrics[key]))))));
}
