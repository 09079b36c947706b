// Beside a live picture: the steady reading, large, and how fast it comes.

import { h, problemCard } from "./dom.js";
import { milliseconds } from "./format.js";
import { glyphSize } from "./result.js";

/** The panel of a running camera: `show` a result, `fail` with a problem, `clear`. */
export function createLivePanel() {
  const rate = h("span", { class: "small soft number rate" });
  const text = h("div", { class: "reading-text steady", role: "group", "aria-label": "Steady reading" });
  const facts = h("dl", { class: "facts" });
  const element = h("section", { class: "reading live-panel card", "aria-label": "What the camera shows" },
    h("div", { class: "reading-head" }, h("h2", {}, "Steady reading"), rate), text, facts);
  const invite = (words) => text.replaceChildren(h("p", { class: "waiting" }, words));
  return {
    element,
    show(recognition, steady, perSecond, roundTrip) {
      rate.textContent = perSecond ? `${perSecond.toFixed(perSecond < 10 ? 1 : 0)} readings/s` : "";
      if (steady.text) text.replaceChildren(...lines(steady.text));
      else invite(recognition.digits.length ? "Hold it still…" : "No digit in the picture. Hold a number up to the camera, dark on light, not too far away.");
      facts.replaceChildren(...told(recognition, roundTrip));
      facts.hidden = false;
    },
    fail: (problem) => text.replaceChildren(problemCard(problem)),
    clear() {
      rate.textContent = "";
      facts.hidden = true;
      invite("What the camera sees is read here, as soon as it has said the same three times.");
    },
  };
}

function lines(text) {
  const rows = text.split("\n");
  const style = { "--glyph": glyphSize(rows.map(({ length }) => length)) };
  return rows.map((row) => h("div", { class: "line", style }, [...row].map((digit) => h("b", {}, digit))));
}

function told({ text, model_version: version, timing_ms: times, width, height }, roundTrip) {
  const fact = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));
  return [
    fact("This frame", text ? text.replaceAll("\n", " · ") : "no digit"),
    fact("Answer after", milliseconds(roundTrip)),
    times && fact("Of that, reading", milliseconds(times.total)),
    fact("Frame", `${width} × ${height}`),
    fact("Model", version ?? "–"),
  ].filter(Boolean);
}
