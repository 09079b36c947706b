// Model versions: how good each is, where it stands, which one answers.

import * as api from "./api.js";
import { h, toast } from "./dom.js";
import { accuracy, ago } from "./format.js";
import { createTraining } from "./training.js";

/** The view of models and trainings. */
export function createModels({ live }) {
  const list = h("section", { class: "card wide", "aria-label": "Versions" });
  live.on("models", () => list.replaceChildren(live.models ? table(live) : h("p", { class: "empty" }, "Asking for the versions…")));
  const head = h("div", { class: "view-head" }, h("div", {}, h("h1", {}, "Models"), h("p", {}, "Every retrain makes a version. One of them answers; the one before stays loaded, so that going back takes an instant.")));
  return { element: h("div", { class: "view" }, head, h("div", { class: "models" }, list, createTraining({ live }))), title: "Models" };
}

function table(live) {
  const { versions, stable } = live.models;
  if (versions.length === 0) {
    return h("div", { class: "empty" }, h("strong", {}, "No model yet"), h("p", {}, "The trainer puts the shipped one here when it starts: make up, or docker compose up -d trainer."));
  }
  const columns = ["Version", "State", "Test set", "Held-back", "Corrections", "Made", ""];
  return h("table", {},
    h("thead", {}, h("tr", {}, columns.map((name) => h("th", { scope: "col" }, name || h("span", { class: "visually-hidden" }, "Action"))))),
    h("tbody", {}, versions.map((version) => row(version, version.version === stable, live))));
}

function row({ version, state, labels, card }, isStable, live) {
  return h("tr", { class: isStable ? "stable" : "", dataset: { version } },
    h("td", {}, h("span", { class: "version" }, version)),
    h("td", {}, badge(state, isStable, labels)),
    h("td", {}, accuracy(card?.metrics.test_accuracy)),
    h("td", {}, accuracy(card?.metrics.validation_accuracy)),
    h("td", {}, card ? card.corrections : "–"),
    h("td", {}, card ? ago(card.created_at) : "–"),
    h("td", {}, isStable ? h("span", { class: "small soft" }, "answers now") : h("button", { type: "button", class: "button slim", "aria-label": `Activate version ${version}`, onclick: (event) => activate(event.currentTarget, version, live) }, "Activate")));
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

async function activate(button, version, live) {
  button.disabled = true;
  button.textContent = "Changing over…";
  try {
    await api.activate(version);
    toast(`Version ${version} answers now.`);
  } catch (problem) {
    toast(`${problem.title}. ${problem.detail}`);
  }
  await live.refreshModels();
}
