// One version's card: what it is made of, and what changed since another.

import { h } from "./dom.js";
import { accuracy } from "./format.js";

const PERCENT = new Set(["metrics.validation_accuracy", "metrics.test_accuracy", "metrics.expected_calibration_error"]);
const GROUPS = { metrics: "Measured", data: "Data", hyperparameters: "Training", libraries: "Libraries", "": "Model" };
const LEFT_OUT = new Set(["version", "name", "created_at"]);

/** Every fact of a card by its path, in the order of the card. */
export function factsOf(card) {
  const facts = new Map();
  for (const [name, value] of Object.entries(card ?? {})) {
    if (LEFT_OUT.has(name) || value === null) continue;
    if (typeof value !== "object") facts.set(name, value);
    else for (const [key, one] of Object.entries(value)) if (one !== null && typeof one !== "object") facts.set(`${name}.${key}`, one);
  }
  return facts;
}

/** What differs: `[path, before, after]`; undefined where there was nothing. */
export function changes(before, after) {
  const [old, now] = [factsOf(before), factsOf(after)];
  return [...new Set([...now.keys(), ...old.keys()])].filter((path) => old.get(path) !== now.get(path)).map((path) => [path, old.get(path), now.get(path)]);
}

/** The card of `version`, with what changed since another of `versions` (the one before, until another is chosen). */
export function createCard(version, versions) {
  const others = versions.filter((other) => other.version !== version.version && other.card);
  const before = others.find((other) => other.version < version.version) ?? others[0];
  return h("div", { class: "model-card" }, made(version.card), before ? compared(version, before, others) : null);
}

function made(card) {
  const facts = [...factsOf(card)];
  const groups = Object.entries(GROUPS).map(([group, title]) => [title, facts.filter(([path]) => groupOf(path) === group)]);
  return h("div", { class: "card-groups" }, groups.filter(([, rows]) => rows.length).map(([title, rows]) => h("section", {}, h("h3", {}, title), h("dl", {}, rows.map(([path, value]) => h("div", {}, h("dt", {}, nameOf(path)), h("dd", {}, shown(path, value))))))));
}

function compared(version, before, others) {
  const body = h("tbody");
  const render = (other) => {
    const rows = changes(other.card, version.card);
    body.replaceChildren(...(rows.length ? rows.map(([path, old, now]) => h("tr", {}, h("th", { scope: "row" }, nameOf(path)), h("td", {}, shown(path, old)), h("td", {}, shown(path, now)))) : [h("tr", {}, h("td", { colSpan: 3 }, "Nothing"))]));
    was.textContent = `version ${other.version}`;
  };
  const was = h("th", { scope: "col" });
  const choice = h("select", { "aria-label": `Compare version ${version.version} with`, onchange: () => render(others.find((other) => other.version === Number(choice.value))) },
    others.map((other) => h("option", { value: other.version, selected: other === before }, `version ${other.version}`)));
  render(before);
  return h("section", { class: "changed" }, h("h3", {}, "What changed since ", choice),
    h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, ""), was, h("th", { scope: "col" }, `version ${version.version}`))), body));
}

const groupOf = (path) => (path.includes(".") ? path.split(".")[0] : "");
const nameOf = (path) => path.split(".").at(-1).replaceAll("_", " ");

function shown(path, value) {
  if (value === undefined) return "–";
  if (PERCENT.has(path)) return accuracy(value);
  if (typeof value === "number") return value.toLocaleString("en", { maximumSignificantDigits: 6 });
  const text = String(value);
  return text.length > 20 && /^[0-9a-f]+$/.test(text) ? h("code", { title: text }, `${text.slice(0, 10)}…`) : text;
}
