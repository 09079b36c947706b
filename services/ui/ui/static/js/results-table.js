// What became of each picture: a table of results, to open, to try again and to take away.

import { download } from "./annotate.js";
import { h, icon } from "./dom.js";
import { toCsv, toJson } from "./exporting.js";
import { level, milliseconds, percent, plural } from "./format.js";
import { textWithCorrections } from "./reading.js";

const HEADINGS = ["Picture", "Reading", "Least sure", "Time", "State"];

/**
 * The table; `update(items)` when one of them has changed.
 * @param {{open: Function, retry: Function, clear: Function}} acts `retry` is given the failed items
 */
export function createResultsTable({ open, retry, clear }) {
  const body = h("tbody");
  const rows = new Map();
  const summary = h("h2", { "aria-live": "off" });
  let items = [];
  const failed = () => items.filter(({ state }) => state === "failed");
  const button = (name, label, run) => h("button", { type: "button", class: "button slim", onclick: run }, name && icon(name), label);
  const retryAll = button("retry", "Retry failed", () => retry(failed()));
  const save = (make, type, name) => download(new Blob([make(exported(items))], { type }), name);
  const csv = button("download", "CSV", () => save(toCsv, "text/csv", "digitscribe.csv"));
  const json = button("download", "JSON", () => save(toJson, "application/json", "digitscribe.json"));
  const element = h("section", { class: "results card", "aria-label": "Results", hidden: true },
    h("header", {}, summary, h("div", { class: "acts" }, retryAll, csv, json, button(null, "Clear", clear))),
    h("div", { class: "results-scroll", tabIndex: 0, role: "region", "aria-label": "Table of results" },
      h("table", {}, h("thead", {}, h("tr", {}, HEADINGS.map((name) => h("th", { scope: "col" }, name)))), body)));
  return {
    element,
    update(all, shown) {
      items = all;
      element.hidden = items.length === 0;
      for (const [item, row] of rows) if (!items.includes(item)) { row.remove(); rows.delete(item); }
      items.forEach((item, i) => {
        if (!rows.has(item)) {
          rows.set(item, createRow(item, open, retry));
          body.insertBefore(rows.get(item).element, body.children[i] ?? null);
        }
        rows.get(item).update(item === shown);
      });
      retryAll.hidden = failed().length === 0;
      summary.textContent = describe(items);
    },
  };
}

const exported = (items) => items.map(({ name, recognition, problem }) => ({ name, recognition, problem, text: recognition && textWithCorrections(recognition) }));

function describe(items) {
  const count = (state) => items.filter((item) => item.state === state).length;
  const done = count("done");
  const failures = count("failed");
  const open = items.length - done - failures;
  return [plural(items.length, "picture"), open && `${open} to go`, failures && `${failures} failed`].filter(Boolean).join(" · ");
}

function createRow(item, open, retry) {
  const image = h("img", { src: item.url, alt: "", loading: "lazy" });
  image.addEventListener("error", () => image.replaceWith(item.name.split(".").pop().toUpperCase()));
  const name = h("button", { type: "button", class: "file", onclick: (event) => { event.stopPropagation(); open(item); } },
    h("span", { class: "thumb" }, image), h("span", { class: "name" }, item.name));
  const [text, least, time, state] = ["text", "least number", "time number", "state"].map((kind) => h("td", { class: kind }));
  const element = h("tr", { onclick: () => open(item) }, h("td", {}, name), text, least, time, state);
  const again = h("button", { type: "button", class: "button slim", "aria-label": `Read ${item.name} again`, onclick: (event) => { event.stopPropagation(); retry([item]); } }, "Retry");
  return {
    element,
    remove: () => element.remove(),
    update(shown) {
      element.dataset.state = item.state;
      name.setAttribute("aria-pressed", String(shown));
      text.textContent = textOf(item);
      const sure = leastSure(item);
      least.textContent = sure === null ? "" : percent(sure);
      least.dataset.level = sure === null ? "" : level(sure);
      time.textContent = item.recognition ? milliseconds(item.roundTrip) : "";
      state.replaceChildren(...stateOf(item, again));
    },
  };
}

function textOf({ recognition, problem }) {
  if (problem) return problem.title;
  return recognition ? textWithCorrections(recognition).replaceAll("\n", " · ") || "no digits" : "…";
}

const leastSure = ({ recognition }) => (recognition?.digits.length ? Math.min(...recognition.digits.map(({ confidence }) => confidence)) : null);

function stateOf({ state, sent, name }, again) {
  if (state === "sending") return [h("span", { class: "meter", role: "progressbar", "aria-label": `Sending ${name}`, "aria-valuenow": Math.round(100 * sent), "aria-valuemin": 0, "aria-valuemax": 100 }, h("i", { style: { "--share": `${100 * sent}%` } }))];
  if (state === "failed") return [h("span", { class: "badge", dataset: { state: "bad" } }, "failed"), again];
  return [h("span", { class: "badge", dataset: { state: state === "done" ? "good" : "" } }, { waiting: "waiting", reading: "reading…", done: "read" }[state])];
}
