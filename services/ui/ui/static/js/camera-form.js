// Adding and editing a camera: what it is called, where it reads, how often, and how its frames are prepared.

import * as api from "./api.js";
import { createTrial, differing } from "./camera-trial.js";
import { createControls } from "./controls.js";
import { ask } from "./dialog.js";
import { h, problemCard, toast } from "./dom.js";
import { settingsOf, style } from "./style.js";

const KINDS = {
  url: { name: "Network camera", label: "Address", hint: "rtsp://user:password@192.168.1.20/stream, or http(s):// for MJPEG", pattern: "(rtsps?|https?|rtmps?|tcp|udp|srt|rtp)://[^\\s*]+", title: "An address begins with rtsp:// or http://", kept: true },
  device: { name: "Camera at the server", label: "Device", hint: "0, or /dev/video0", pattern: "[0-9]{1,3}|/dev/.+", title: "A number, or a name that begins with /dev/" },
  file: { name: "File or folder", label: "Name in the media folder", hint: "clips/sheet.mp4" },
  demo: { name: "Demo", hint: "Sheets of test digits, moved over a desk" },
};
const POLARITIES = { "": "As usual: dark on light, unless its settings say otherwise", dark_on_light: "Dark on light", light_on_dark: "Light on dark: boards, displays", auto: "Decide anew for each frame" };
const NAME = "[a-z0-9][a-z0-9_\\-]{0,62}";
const LABEL_LENGTH = 60;

function kindOf(source) {
  if (!source || source.includes("://")) return "url";
  if (source === "demo") return "demo";
  return /^(\d+|\/dev\/.*)$/.test(source) ? "device" : "file";
}

const field = (label, input, hint) => h("label", { class: "field" }, label, input, hint);

/** Ask for a new camera and define it. */
export async function addCamera() {
  const name = h("input", { name: "name", required: true, pattern: NAME, placeholder: "door", autocomplete: "off", title: "Small letters, digits, - and _" });
  const form = cameraFields({ kind: "url", required: true }, {});
  const added = await ask({
    title: "Add a camera",
    action: "Add",
    fields: [h("div", { class: "field-row" }, field("Name", name, h("small", {}, "small letters, digits, - and _")), form.label), ...form.elements],
    async run(element) {
      await form.check(element, "Add");
      await api.defineCamera(name.value, { source: form.source.value(), ...form.how(element) });
    },
  });
  if (added) toast(`Camera ${name.value} is added; its picture comes within seconds.`);
}

/** Ask for changes of `camera` and make them. */
export async function editCamera({ name, definition, source: seen }) {
  const shown = definition?.source ?? seen ?? "";
  const form = cameraFields({ kind: kindOf(shown), shown, required: false, name: definition?.source && name }, definition ?? {});
  const edited = await ask({
    title: `Camera ${definition?.label ?? name}`,
    action: "Save",
    fields: [form.label, ...form.elements],
    async run(element) {
      if (form.source.changed()) await form.check(element, "Save");
      await api.changeCamera(name, { ...(form.source.changed() ? { source: form.source.value() } : {}), ...form.how(element, definition ?? {}) });
    },
  });
  if (edited) toast(`Camera ${definition?.label ?? name} starts again with these settings.`);
}

/** All but the name: what people call it, its source and a look through it, its pace, its preparation. */
function cameraFields(where, definition) {
  const source = sourceFields(where);
  const label = h("input", { name: "label", maxLength: LABEL_LENGTH, value: definition.label ?? "", placeholder: "Door of the hall", autocomplete: "off" });
  const preparation = preparationFields(definition, () => trial.reread());
  const polarity = h("select", { name: "polarity", onchange: () => trial.reread() }, Object.entries(POLARITIES).map(([value, name]) => h("option", { value, selected: value === (definition.polarity ?? "") }, name)));
  const trial = createTrial({ asked: source.asked, demand: source.demand, profile: () => ({ polarity: "dark_on_light", ...preparation.changes(), ...(polarity.value && { polarity: polarity.value }) }) });
  const rate = h("input", { type: "number", name: "fps", min: 0.1, max: 60, step: "any", placeholder: "5", value: definition.fps ?? "" });
  source.onchange = () => trial.outdate();
  return {
    source,
    label: field("What people call it", label, h("small", {}, "may be left empty")),
    elements: [...source.elements, trial.element, h("div", { class: "field-row" }, field("Frames a second", rate), field("Ink", polarity)), preparation.element],
    /** Look through a source that was not tried yet; one through which nothing is seen is saved at the second press only. */
    async check(element, action) {
      const button = element.querySelector("[type=submit]");
      button.textContent = action;
      if (trial.result) return;
      button.textContent = "Trying it…";
      const problem = await trial.look();
      button.textContent = problem ? `${action} all the same` : action;
      if (problem) throw new api.Problem({ title: "Not saved yet", detail: "Mend its source, or save it all the same: the camera worker goes on trying." });
    },
    how(element, before = {}) {
      const called = label.value.trim() || null;
      return {
        fps: rate.value ? Number(rate.value) : null,
        polarity: polarity.value || null,
        ...(called !== (before.label ?? null) && { label: called }),
        ...(preparation.touched() && { profile: preparation.whole() }),
      };
    },
  };
}

/** Kind and address. An address with a password is never shown: left empty, it stays as it is. */
function sourceFields({ kind, shown = "", required, name = null }) {
  const choice = h("select", { name: "kind" }, Object.entries(KINDS).map(([value, { name: title }]) => h("option", { value, selected: value === kind }, title)));
  const input = h("input", { name: "source", autocomplete: "off", spellcheck: false });
  const label = h("span");
  const hint = h("small");
  const row = h("label", { class: "field" }, label, input, hint);
  const stays = () => choice.value === kind && shown;
  const render = () => {
    const of = KINDS[choice.value];
    row.hidden = choice.value === "demo";
    label.textContent = of.label ?? "";
    hint.textContent = stays() && of.kept ? `now ${shown}; leave it empty to keep it` : of.hint;
    input.placeholder = of.kept ? "rtsp://" : "";
    input.value = stays() && !of.kept ? shown : "";
    input.pattern = of.pattern ?? ".*";
    input.title = of.title ?? "";
    input.required = !row.hidden && (required || !stays());
  };
  const fields = {
    onchange: () => {},
    elements: [field("Source", choice), row],
    value: () => (choice.value === "demo" ? "demo" : input.value.trim()),
    changed: () => (choice.value === "demo" ? shown !== "demo" : input.value.trim() !== "" && input.value.trim() !== shown),
    /** What is to be looked through; null while it is not said. */
    asked() {
      if (fields.value()) return { source: fields.value() };
      return name && stays() ? { camera: name } : null;
    },
    /** Have the browser say what is missing. */
    demand: () => input.reportValidity(),
  };
  choice.addEventListener("change", () => (render(), fields.onchange()));
  input.addEventListener("input", () => fields.onchange());
  render();
  return fields;
}

/** The settings of "How it was read", for this camera's frames; polarity has a field of its own. */
function preparationFields({ profile: kept }, onchange) {
  const summary = h("span", { class: "small soft" }, differing(kept ?? {}));
  const body = h("div", { class: "preparation-body" }, h("p", { class: "small soft" }, "Asking for the settings…"));
  const element = h("details", { class: "preparation" }, h("summary", {}, "How its frames are prepared ", summary), body);
  let usual = null;
  let changes = { ...kept };
  let touched = false;
  const take = (now) => {
    changes = { ...(kept?.polarity && { polarity: kept.polarity }), ...now };
    touched = true;
    summary.textContent = differing(changes);
    onchange();
  };
  element.addEventListener("toggle", async () => {
    if (usual) return;
    try {
      const { values, json_schema: schema } = await api.profile();
      const { polarity: _, ...properties } = schema.properties;
      usual = { values, json_schema: { ...schema, properties } };
      // the gateway may tell a profile in full: what is as usual is no setting of its own
      changes = Object.fromEntries(settingsOf(usual).map(({ name }) => [name, changes[name]]).filter(([name, value]) => value !== undefined && value !== values[name]));
      const controls = createControls(usual, changes, take);
      const adopt = h("button", { type: "button", class: "button slim", hidden: !style.isSet, onclick() {
        const { polarity: __, ...own } = style.values;
        controls.set(own);
        take(own);
      } }, "Take my style");
      const reset = h("button", { type: "button", class: "button slim", onclick: () => (controls.set({}), take({})) }, "All as usual");
      body.replaceChildren(h("p", { class: "small soft" }, "Try the source above, and its picture is read anew with every change."), h("div", { class: "dialog-actions start" }, reset, adopt), controls.element);
      summary.textContent = differing(changes);
    } catch (problem) {
      body.replaceChildren(problemCard(problem));
    }
  });
  return {
    element,
    changes: () => changes,
    touched: () => touched,
    whole: () => (Object.keys(changes).length ? changes : null),
  };
}

/** Ask whether to remove `name`, and do it. */
export async function removeCamera({ name, definition }) {
  const called = definition?.label ?? name;
  const removed = await ask({ title: `Remove camera ${called}?`, action: "Remove", fields: [h("p", {}, "Its settings are forgotten, a password in its address too. To stop it for a while, pause it.")], run: () => api.removeCamera(name) });
  if (removed) toast(`Camera ${called} is removed.`);
}
