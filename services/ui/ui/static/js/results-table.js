// What became of each picture: a table of results, to open, to try again and to take away.

import { download } from "./annotate.js";
import { textWithCorrections } from "./corrections.js";
import { h, icon } from "./dom.js";
import { toCsv, toJson } from "./exporting.js";
import { level, milliseconds, percent, plural } from "./format.js";
import { isWorthRetrying } from "./retrying.js";
import { style } from "./style.js";

const HEADINGS = ["Picture", "Reading", "Least sure", "Time", "State"];

/**
 * The table; `update(items)` when one of them has changed.
 * @param {{open: Function, retry: Function, again: Function, clear: Function}} acts `retry` is given the failed items, `again`
 *   those that were read with another style than the present one
 */
export function createResultsTable({ open, retry, again, clear }) {
  const body = h("tbody");
  const rows = new Map();
  const summary = h("h2", { "aria-live": "off" });
  let items = [];
  const failed = () => items.filter(({ state, problem }) => state === "failed" && isWorthRetrying(problem));
  const outdated = () => items.filter((item) => (item.state === "done" || item.state === "failed") && item.style !== style.query);
  const button = (name, label, run) => h("button", { type: "button", class: "button slim", onclick: run }, name && icon(name), label);
  const retryAll = button("retry", "Retry failed", () => retry(failed()));
  const save = (make, type, name) => download(new Blob([make(exported(items))], { type }), name);
  const csv = button("download", "CSV", () => save(toCsv, "text/csv", "digitscribe.csv"));
  const json = button("download", "JSON", () => save(toJson, "application/json", "digitscribe.json"));
  const otherStyle = h("span");
  const renew = h("div", { class: "renew", role: "status", hidden: true }, icon("steps"), otherStyle, button("retry", "Read again", () => again(outdated())));
  const progress = h("div", { class: "meter results-progress", role: "progressbar", "aria-label": "Pictures read", "aria-valuemin": 0, hidden: true }, h("i"));
  const element = h("section", { class: "results card", "aria-label": "Results", hidden: true },
    h("header", {}, summary, h("div", { class: "acts" }, retryAll, csv, json, button(null, "Clear", clear))), progress, renew,
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
      renew.hidden = outdated().length === 0;
      otherStyle.textContent = `${outdated().length === items.length ? "These were" : `${outdated().length} of these were`} read with other settings than ${style.isSet ? "your style now has" : "the usual ones"}.`;
      follow(progress, items);
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

/** How far all of it is; nothing to see once it is done. */
function follow(progress, items) {
  const done = items.filter(({ state }) => state === "done" || state === "failed").length;
  progress.hidden = items.length < 2 || done === items.length;
  progress.setAttribute("aria-valuemax", items.length);
  progress.setAttribute("aria-valuenow", done);
  progress.firstChild.style.setProperty("--share", `${(100 * done) / Math.max(1, items.length)}%`);
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

function stateOf({ state, sent, name, problem }, again) {
  if (state === "sending") return [h("span", { class: "meter", role: "progressbar", "aria-label": `Sending ${name}`, "aria-valuenow": Math.round(100 * sent), "aria-valuemin": 0, "aria-valuemax": 100 }, h("i", { style: { "--share": `${100 * sent}%` } }))];
  if (state === "failed") return [h("span", { class: "badge", dataset: { state: "bad" } }, "failed"), isWorthRetrying(problem) && again].filter(Boolean);
  return [h("span", { class: "badge", dataset: { state: state === "done" ? "good" : "" } }, { waiting: "waiting", reading: "reading…", done: "read" }[state])];
}
