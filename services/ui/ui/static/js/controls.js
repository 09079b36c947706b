// Controls for settings, made from what the gateway says that each may be.

import { h, icon } from "./dom.js";
import { settingsOf, spoken } from "./style.js";

const STEPS = 200; // of a slider, at most: finer is not felt

/**
 * A control for each setting.
 * @param {object} description the gateway's `/profile`
 * @param {Object<string, any>} changes what differs from the settings in force
 * @param {(changes: Object<string, any>) => void} onchange told all that differs now
 * @returns {{element: HTMLElement, set: (changes: Object<string, any>) => void}}
 */
export function createControls(description, changes, onchange) {
  const settings = settingsOf(description);
  let now = { ...changes };
  const controls = settings.map((setting) => control(setting, (value) => {
    if (value === setting.usual) delete now[setting.name];
    else now[setting.name] = value;
    onchange({ ...now });
  }));
  const set = (values) => {
    now = { ...values };
    settings.forEach((setting, i) => controls[i].show(values[setting.name] ?? setting.usual));
  };
  set(now);
  return { element: h("div", { class: "settings" }, controls.map(({ element }) => element)), set };
}

/** One setting: its name, its control, what it does, and the way back to what is usual. */
function control(setting, tell) {
  const id = `setting-${setting.name}`;
  const hint = `${id}-hint`;
  const { input, show, output } = MAKERS[setting.kind](setting, { id, "aria-describedby": hint }, (value) => {
    mark(value);
    tell(value);
  });
  const back = h("button", { type: "button", class: "back", "aria-label": `${setting.title}: back to ${spoken(setting.usual)}`, title: `Back to ${spoken(setting.usual)}`, onclick: () => {
    show(setting.usual);
    mark(setting.usual);
    input.focus();
    tell(setting.usual);
  } }, icon("undo"));
  const element = h("div", { class: `setting ${setting.kind}`, dataset: { setting: setting.name } },
    h("label", { htmlFor: id }, setting.title), output, back, input, h("p", { class: "small soft", id: hint }, setting.description));
  const mark = (value) => {
    const changed = value !== setting.usual;
    element.classList.toggle("changed", changed);
    back.style.visibility = changed ? "visible" : "hidden";
  };
  return { element, show: (value) => { show(value); mark(value); } };
}

/** Kind of setting → (setting, attributes, tell) → {input, show, output}. */
const MAKERS = {
  switch(_setting, attributes, tell) {
    const input = h("input", { type: "checkbox", role: "switch", ...attributes, onchange: () => tell(input.checked) });
    return { input, output: h("span", {}), show: (value) => (input.checked = value) };
  },
  choice({ choices }, attributes, tell) {
    const input = h("select", { ...attributes, onchange: () => tell(input.value) }, choices.map((choice) => h("option", { value: choice }, spoken(choice))));
    return { input, output: h("span", {}), show: (value) => (input.value = value) };
  },
  number({ low, high, whole }, attributes, tell) {
    const step = whole ? 1 : stepOf(high - low);
    const output = h("output", { htmlFor: attributes.id, class: "number" });
    const input = h("input", { type: "range", min: low, max: high, step, ...attributes, oninput: () => {
      output.textContent = input.value;
      tell(Number(input.value));
    } });
    return { input, output, show: (value) => { input.value = value; output.textContent = value; } };
  },
  text(_setting, attributes, tell) {
    const input = h("input", { type: "text", ...attributes, onchange: () => tell(input.value) });
    return { input, output: h("span", {}), show: (value) => (input.value = value) };
  },
};

/** The largest of …, 0.01, 0.005, 0.05, … that makes at most STEPS steps of `range`. */
function stepOf(range) {
  const finest = range / STEPS;
  const power = 10 ** Math.floor(Math.log10(finest) + 1e-9);
  return Number([1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= finest - 1e-12).toPrecision(1));
}
