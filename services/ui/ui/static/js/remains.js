// What is left of a reading whose picture is gone: its digits as the model saw them, and the way into each.

import { cropUrl } from "./api.js";
import { h, icon } from "./dom.js";
import { level, percent } from "./format.js";
import { openInside } from "./inside.js";

/** The digits of `recognition` as figures, under a sentence that says plainly what is kept and what is not. */
export function remainsOf(recognition) {
  const { digits, camera } = recognition;
  const why = camera
    ? "A camera's frames are not kept: the camera worker finds the digits, and only they travel."
    : "The picture is deleted on the server as soon as it is read, and this browser has no copy: it was sent from another one, or long ago.";
  const note = h("p", {}, why, " The steps can be shown for a picture that this browser has sent; what is kept of this one for a day are its digits, as the model saw them.");
  return h("section", { class: "remains", "aria-label": "What is kept of this reading" }, note,
    digits.length ? h("ol", { class: "remains-list" }, digits.map((digit) => figureOf(recognition, digit))) : h("p", { class: "soft" }, "No digit was found on it."));
}

function figureOf(recognition, digit) {
  const { index, box, row } = digit;
  const image = h("img", { src: cropUrl(recognition.id, index), alt: `Digit ${index + 1} as the model saw it`, width: 112, height: 112 });
  image.addEventListener("error", () => image.replaceWith(h("div", { class: "no-crop" }, "no longer kept")));
  return h("li", { dataset: { level: level(digit.confidence) } }, h("figure", {}, image, h("figcaption", {},
    h("span", {}, h("b", {}, digit.digit), ` ${percent(digit.confidence)}`),
    h("small", {}, `row ${row + 1}, at ${box.x}, ${box.y}; ${box.width} × ${box.height} pixels`))),
    digit.neighbour == null && h("button", { type: "button", class: "button slim", "aria-label": `Look inside digit ${index + 1}`, onclick: () => openInside(recognition, digit) }, icon("look"), "Look inside"));
}
