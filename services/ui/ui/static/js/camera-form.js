// Adding and editing a camera: where it reads, how often, and which way round ink and paper are.

import * as api from "./api.js";
import { ask } from "./dialog.js";
import { h, toast } from "./dom.js";

const KINDS = {
  url: { name: "Network camera", label: "Address", hint: "rtsp://user:password@192.168.1.20/stream, or http(s):// for MJPEG", kept: true },
  device: { name: "Camera at the server", label: "Device", hint: "0, or /dev/video0" },
  file: { name: "File or folder", label: "Name in the media folder", hint: "clips/sheet.mp4" },
  demo: { name: "Demo", hint: "Sheets of test digits, moved over a desk" },
};
const POLARITIES = { "": "Dark on light (usual)", light_on_dark: "Light on dark: boards, displays", auto: "Decide anew for each frame" };
const NAME = "[a-z0-9][a-z0-9_\\-]{0,62}";

function kindOf(source) {
  if (!source || source.includes("://")) return "url";
  if (source === "demo") return "demo";
  return /^(\d+|\/dev\/.*)$/.test(source) ? "device" : "file";
}

const field = (label, input, hint) => h("label", { class: "field" }, label, input, hint);

/** Ask for a new camera and define it. */
export async function addCamera() {
  const name = h("input", { name: "name", required: true, pattern: NAME, placeholder: "door", autocomplete: "off", title: "Small letters, digits, - and _" });
  const source = sourceFields({ kind: "url", required: true });
  const added = await ask({
    title: "Add a camera",
    action: "Add",
    fields: [field("Name", name, h("small", {}, "small letters, digits, - and _")), ...source.elements, ...howFields({})],
    run: (form) => api.defineCamera(name.value, { source: source.value(), ...howOf(form) }),
  });
  if (added) toast(`Camera ${name.value} is added; its picture comes within seconds.`);
}

/** Ask for changes of `camera` and make them. */
export async function editCamera({ name, definition, source: seen }) {
  const shown = definition?.source ?? seen ?? "";
  const source = sourceFields({ kind: kindOf(shown), shown, required: false });
  const edited = await ask({
    title: `Camera ${name}`,
    action: "Save",
    fields: [...source.elements, ...howFields(definition ?? {})],
    run: (form) => api.changeCamera(name, { ...(source.changed() ? { source: source.value() } : {}), ...howOf(form) }),
  });
  if (edited) toast(`Camera ${name} starts again with these settings.`);
}

/** Kind and address. An address with a password is never shown: left empty, it stays as it is. */
function sourceFields({ kind, shown = "", required }) {
  const choice = h("select", { name: "kind" }, Object.entries(KINDS).map(([value, { name }]) => h("option", { value, selected: value === kind }, name)));
  const input = h("input", { name: "source", autocomplete: "off", spellcheck: false });
  const label = h("span");
  const hint = h("small");
  const row = h("label", { class: "field" }, label, input, hint);
  const render = () => {
    const of = KINDS[choice.value];
    const stays = choice.value === kind && shown;
    row.hidden = choice.value === "demo";
    label.textContent = of.label ?? "";
    hint.textContent = stays && of.kept ? `now ${shown}; leave it empty to keep it` : of.hint;
    input.placeholder = of.kept ? "rtsp://" : "";
    input.value = stays && !of.kept ? shown : "";
    input.required = !row.hidden && (required || !stays);
  };
  choice.addEventListener("change", render);
  render();
  return {
    elements: [field("Source", choice), row],
    value: () => (choice.value === "demo" ? "demo" : input.value.trim()),
    changed: () => (choice.value === "demo" ? shown !== "demo" : input.value.trim() !== "" && input.value.trim() !== shown),
  };
}

function howFields({ fps, polarity }) {
  return [h("div", { class: "field-row" },
    field("Frames a second", h("input", { type: "number", name: "fps", min: 0.1, max: 60, step: "any", placeholder: "5", value: fps ?? "" })),
    field("Ink", h("select", { name: "polarity" }, Object.entries(POLARITIES).map(([value, name]) => h("option", { value, selected: value === (polarity ?? "") }, name)))))];
}

const howOf = ({ elements }) => ({ fps: elements.fps.value ? Number(elements.fps.value) : null, polarity: elements.polarity.value || null });

/** Ask whether to remove `name`, and do it. */
export async function removeCamera({ name }) {
  const removed = await ask({ title: `Remove camera ${name}?`, action: "Remove", fields: [h("p", {}, "Its settings are forgotten, a password in its address too. To stop it for a while, pause it.")], run: () => api.removeCamera(name) });
  if (removed) toast(`Camera ${name} is removed.`);
}
