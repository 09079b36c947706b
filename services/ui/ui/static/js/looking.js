// The ways from a reading to how it came about, and the sign that one's own style is in use.

import * as api from "./api.js";
import { h, icon } from "./dom.js";
import { plural } from "./format.js";
import { openInside } from "./inside.js";
import { openSteps } from "./steps.js";
import { spoken, style } from "./style.js";

/** Buttons of the panel beside a picture, and with which settings it was read. */
export function looking(reading) {
  const { recognition, shown } = reading;
  const button = (key, name, label, run) => h("button", { type: "button", class: "button slim", dataset: { key }, onclick: run }, icon(name), label);
  const buttons = [
    button("steps", "steps", "How it was read", () => openSteps(reading)),
    shown !== null && reading.digits[shown].neighbour == null && button("inside", "look", `Look inside digit ${shown + 1}`, () => openInside(recognition, reading.digits[shown])),
  ].filter(Boolean);
  const settings = Object.entries(recognition.profile ?? {}).map(([name, value]) => `${name.replaceAll("_", " ")} ${spoken(value)}`);
  return h("div", { class: "looking" }, buttons, settings.length > 0 && h("p", { class: "small soft" }, `Read with ${settings.join(", ")}.`));
}

/** A button that is there while one's own style is in use: it says so, and leads to the settings. */
export function createStyleSign() {
  const text = h("span", {}, "My style");
  const sign = h("button", { type: "button", class: "style-sign", onclick: () => openSteps() }, icon("steps"), text);
  const render = () => {
    sign.hidden = !style.isSet;
    sign.title = `This page reads with your own settings (${plural(Object.keys(style.values).length, "setting")})`;
    sign.setAttribute("aria-label", `My style: ${plural(Object.keys(style.values).length, "own setting")} in use`);
  };
  style.addEventListener("change", render);
  render();
  if (style.isSet) api.profile().then((description) => style.reconcile(description), () => {}); // the strip tells of a lost connection
  return sign;
}
