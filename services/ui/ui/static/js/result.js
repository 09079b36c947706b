// What was read: the text, large; the digit that is looked at, with its rivals; where the time went.

import { cropUrl } from "./api.js";
import { announce, h, icon, problemCard, toast } from "./dom.js";
import { looking } from "./looking.js";
import { level, milliseconds, percent, plural } from "./format.js";

/**
 * The panel beside a picture.
 * @param {import("./reading.js").Reading} reading
 * @param {string} invitation what to say while nothing was read yet
 */
export function createResult(reading, invitation) {
  const summary = h("span", { class: "small soft" });
  const text = h("div", { class: "reading-text", role: "group", "aria-label": "Text that was read" });
  const copy = h("button", { type: "button", class: "icon-button copy", "aria-label": "Copy what was read", dataset: { key: "copy" }, title: "Copy (Ctrl+C)", onclick: () => copyText(reading.text) }, icon("copy"));
  const head = h("div", { class: "reading-head" }, h("h2", {}, "Reading"), summary, copy);
  const element = h("section", { class: "reading card", "aria-label": "What was read" }, head, text);
  const crop = createCrop();
  const render = () => {
    copy.hidden = !reading.text || Boolean(reading.problem);
    summary.textContent = reading.recognition ? describe(reading) : "";
    text.replaceChildren(...textParts(reading, invitation));
    element.replaceChildren(head, text, ...panels(reading, crop));
  };
  reading.addEventListener("change", () => keepFocus(element, render));
  render();
  return element;
}

/** Put `text` on the clipboard. Browsers lend it to pages of this machine and of https only; elsewhere a copy command still works. */
async function copyText(text) {
  try {
    await (navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard")));
  } catch {
    if (!copyByCommand(text)) return toast("This browser does not let the page copy. Select the digits, and press Ctrl+C.");
  }
  announce("Copied.");
  toast(`Copied: ${text.replaceAll("\n", " · ")}`);
}

function copyByCommand(text) {
  const put = (event) => {
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("copy", put, { capture: true });
  try {
    return document.execCommand("copy");
  } finally {
    document.removeEventListener("copy", put, { capture: true });
  }
}

/** Rendering replaces buttons; the focus stays on the one that took the place of the focused. */
function keepFocus(element, render) {
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  render();
  if (focused) element.querySelector(`[data-key="${focused}"]`)?.focus({ preventScroll: true });
}

function describe({ digits }) {
  if (digits.length === 0) return "no digits";
  const unsure = digits.filter((digit) => level(digit.confidence) !== "sure").length;
  return plural(digits.length, "digit") + (unsure ? `, ${unsure} to look at again` : "");
}

function textParts(reading, invitation) {
  if (reading.problem) return [problemCard(reading.problem)];
  if (!reading.recognition) return [h("p", { class: "waiting" }, reading.busy ? "Reading…" : invitation)];
  if (reading.digits.length === 0) return [h("p", { class: "waiting" }, "No digit found here. Write larger or darker, or move closer.")];
  return lines(reading);
}

const SIZES = [[4, "4.75rem"], [6, "3.5rem"], [8, "2.75rem"], [10, "2.25rem"], [14, "2rem"], [Infinity, "1.75rem"]];
const ROOM = 10; // so many digits with their percentages stand in one row, on a phone too; of more the lines below tell how sure they are

/** How large rows of `lengths` digits are set. */
export function glyphSize(lengths) {
  const longest = Math.max(...lengths, 2.2 * lengths.length);
  return SIZES.find(([limit]) => longest <= limit)[1];
}

function lines(reading) {
  const rows = Map.groupBy(reading.digits, ({ row }) => row);
  const lengths = [...rows.values()].map((row) => row.length);
  const kind = Math.max(...lengths) > ROOM ? "line slim" : "line";
  return [...rows.values()].map((row) => h("div", { class: kind, style: { "--glyph": glyphSize(lengths) } }, row.map((digit) => glyph(digit, reading))));
}

function glyph(digit, reading) {
  const correction = reading.correctionOf(digit.index);
  const shown = reading.shown === digit.index;
  const corrected = correction !== undefined;
  const now = corrected ? [h("s", {}, digit.digit), h("b", {}, correction ?? "×")] : [h("b", {}, digit.digit)];
  return h("button", {
    type: "button",
    class: `glyph${shown ? " shown" : ""}${corrected ? " corrected" : ""}`,
    dataset: { level: level(digit.confidence), percent: corrected ? "you" : percent(digit.confidence), key: `digit-${digit.index}` },
    tabIndex: shown ? 0 : -1,
    "aria-pressed": String(reading.chosen === digit.index),
    "aria-label": spoken(digit, correction),
    onclick: () => reading.choose(digit.index),
  }, now);
}

function spoken(digit, correction) {
  const what = `Digit ${digit.index + 1}: read as ${digit.digit}, ${percent(digit.confidence)}`;
  if (correction === undefined) return level(digit.confidence) === "sure" ? what : `${what}, look again`;
  return `${what}; corrected to ${correction ?? "no digit"}`;
}

function panels(reading, crop) {
  if (!reading.recognition && !reading.problem) return [...(reading.busy ? [] : [tour()]), keys()];
  if (reading.problem) return [];
  const digit = reading.digits[reading.shown];
  return [digit && detail(digit, reading, crop), looking(reading), timing(reading)].filter(Boolean);
}

const PROMISES = [
  ["snapshot", "A box around each digit, how sure it is, and what else it could be."],
  ["look", "The picture that the model saw, and what spoke for its answer."],
  ["retry", "Wrong? Say so with a click or a key: the next retrain learns from it."],
];

/** What a reading will show, told before there is one. */
function tour() {
  return h("ul", { class: "tour" }, PROMISES.map(([name, words]) => h("li", {}, icon(name), h("span", {}, words))));
}

/** The keys, told before there is anything to press them for. */
function keys() {
  const key = (...names) => h("dt", {}, names.map((name) => h("kbd", {}, name)));
  return h("dl", { class: "keys", "aria-label": "Keys" },
    key("←", "→"), h("dd", {}, "look at each digit"),
    key("0", "…", "9"), h("dd", {}, "say what it really is"),
    key("X"), h("dd", {}, "say that it is no digit"));
}

function detail(digit, reading, crop) {
  return h("div", { class: "detail", dataset: { level: level(digit.confidence) } },
    h("div", { class: "detail-main" }, crop(reading.recognition.id, digit), ranking(digit, reading)),
    h("div", {}, h("h3", { id: "keypad-title" }, `Digit ${digit.index + 1} is really…`)),
    keypad(digit, reading));
}

/** The picture that the model saw; the one before stays until the next has come, so that nothing blinks. */
function createCrop() {
  const caption = h("figcaption", {}, "as the model saw it");
  const figure = h("figure", { class: "crop" }, h("div", { class: "no-crop" }), caption);
  let wanted = null;
  return (id, { index, neighbour }) => {
    const url = cropUrl(id, index);
    caption.textContent = neighbour == null ? "as the model saw it" : `as the model saw it, with digit ${neighbour + 1}, which it touches`;
    if (url === wanted) return figure;
    wanted = url;
    const image = h("img", { src: url, alt: "The 28 by 28 picture that the model saw", width: 112, height: 112 });
    const put = (element) => wanted === url && figure.replaceChildren(element, caption);
    image.addEventListener("load", () => put(image));
    image.addEventListener("error", () => put(h("div", { class: "no-crop" }, "no longer kept")));
    return figure;
  };
}

function ranking(digit, reading) {
  const all = [digit, ...digit.alternatives.slice(0, 3)];
  return h("ol", { class: "ranking", "aria-label": "What it could be, most likely first" }, all.map((rival) => h("li", {},
    h("button", { type: "button", title: `It is a ${rival.digit}`, dataset: { key: `rival-${rival.digit}` }, "aria-label": `${rival.digit} ${percent(rival.confidence)}: say that it is a ${rival.digit}`, onclick: () => reading.correct(digit.index, rival.digit) },
      h("b", {}, `${rival.digit} `),
      h("span", { class: "meter" }, h("i", { style: { "--share": `${100 * rival.confidence}%` } })),
      h("span", {}, percent(rival.confidence))))));
}

function keypad(digit, reading) {
  const correction = reading.correctionOf(digit.index);
  const now = correction === undefined ? digit.digit : correction;
  const key = (label, name, extra = {}) => h("button", { type: "button", "aria-pressed": String(now === label), dataset: { key: `key-${label}` }, onclick: () => reading.correct(digit.index, label), ...extra }, name);
  const keys = Array.from({ length: 10 }, (_, label) => key(label, String(label), { "aria-label": `It is a ${label}` }));
  return h("div", { class: "keypad", role: "group", "aria-labelledby": "keypad-title" }, keys, key(null, "Not a digit", { class: "none" }));
}

function timing({ recognition, roundTrip }) {
  const times = recognition.timing_ms;
  const parts = times && { queue: times.queue, vision: times.vision, predict: times.predict, rest: Math.max(0, times.total - times.queue - times.vision - times.predict) };
  const answer = roundTrip === null ? "" : `, ${milliseconds(roundTrip)} to this page`;
  return h("div", { class: "timing" },
    h("div", {}, h("a", { href: "#/models" }, `Model ${recognition.model_version ?? "–"}`), times ? ` · read in ${milliseconds(times.total)}${answer}` : ""),
    parts && h("div", { class: "timing-bar", "aria-hidden": "true" }, Object.entries(parts).map(([name, value]) => h("i", { dataset: { part: name }, style: { "--share": value } }))),
    parts && h("dl", {}, Object.entries(parts).map(([name, value]) => h("div", {}, h("dt", { dataset: { part: name } }, name === "rest" ? "other" : name), h("dd", {}, milliseconds(value))))));
}
