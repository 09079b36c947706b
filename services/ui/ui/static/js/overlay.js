// Boxes over a picture. Placed in percent of it, so they scale with it while lines and letters keep their size.

import { h } from "./dom.js";
import { level, LEVELS, percent } from "./format.js";

/**
 * The boxes of `reading`; lay it over an element that shows the picture in full.
 * @param {import("./reading.js").Reading} reading
 * @param {{interactive?: boolean}} options whether boxes can be pointed at (a sheet that is drawn on wants none)
 */
export function createOverlay(reading, { interactive = true } = {}) {
  const element = h("ol", { class: `overlay${interactive ? " interactive" : ""}`, "aria-label": "Digits found" });
  if (!interactive) element.setAttribute("aria-hidden", "true"); // the text beside it says the same
  let drawn = null;
  reading.addEventListener("change", () => {
    if (drawn !== reading.recognition) element.replaceChildren(...boxes(reading, interactive, drawn));
    drawn = reading.recognition;
    element.classList.toggle("stale", reading.stale);
    for (const item of element.children) update(item.firstChild, reading);
  });
  return element;
}

/** Boxes of what was not there `before` come in; the others just stay. */
function boxes(reading, interactive, before) {
  const { recognition } = reading;
  const known = before?.digits ?? [];
  return reading.digits.map((digit) => {
    const place = placed(digit.box, recognition);
    const box = interactive ? button(digit, reading) : h("div", {});
    box.className = "box";
    box.dataset.index = digit.index;
    box.dataset.level = level(digit.confidence);
    box.append(h("span", { class: "tag" }));
    const low = digit.box.y < recognition.height * 0.06 ? "low" : "";
    return h("li", { style: place, class: known.some((other) => overlaps(other.box, digit.box)) ? low : `${low} fresh` }, box);
  });
}

const overlaps = (one, other) => one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;

function placed({ x, y, width, height }, recognition) {
  const share = (part, whole) => `${(100 * part) / whole}%`;
  return {
    "--x": share(x, recognition.width),
    "--y": share(y, recognition.height),
    "--w": share(width, recognition.width),
    "--h": share(height, recognition.height),
  };
}

function button(digit, reading) {
  return h("button", {
    type: "button",
    onclick: () => reading.choose(digit.index),
    onpointerenter: () => reading.hover(digit.index),
    onpointerleave: () => reading.hover(null),
  });
}

function update(box, reading) {
  const index = Number(box.dataset.index);
  const digit = reading.digits[index];
  const correction = reading.correctionOf(index);
  box.classList.toggle("shown", reading.marked === index);
  box.classList.toggle("corrected", correction !== undefined);
  const label = correction === undefined
    ? [`${digit.digit} `, h("small", {}, percent(digit.confidence))]
    : [correction === null ? "– " : `${correction} `, h("s", {}, digit.digit)];
  box.firstChild.replaceChildren(...label);
  if (box.matches("button")) box.setAttribute("aria-label", spoken(digit, correction));
}

function spoken({ digit, confidence, index }, correction) {
  const said = correction === undefined ? "" : `, corrected to ${correction ?? "no digit"}`;
  return `${digit} ${percent(confidence)}, digit ${index + 1}${said}`;
}

/** What the lines and colours mean. */
export function legend() {
  return h("p", { class: "legend" }, LEVELS.map(([name, meaning]) => h("span", { dataset: { level: name } }, meaning)));
}
