// What was read, newest first.

import { cropUrl } from "./api.js";
import { h } from "./dom.js";
import { ago, milliseconds, percent } from "./format.js";
import { bindKeys, Reading } from "./reading.js";
import { createResult } from "./result.js";

const SOURCES = { "": "All", canvas: "Drawn", upload: "Uploaded", webcam: "Webcam", camera: "Cameras" };
const CROPS = 16;
const ROWS = 60;

/** The view of what was read. */
export function createHistory({ live }) {
  const reading = new Reading();
  const list = h("ol", { class: "history-list card", "aria-label": "Readings, newest first" });
  const result = createResult(reading, "Open a reading to see its digits.");
  const rows = new Map();
  let source = "";
  let frame = 0;

  const render = () => {
    frame = 0;
    const wanted = firstOfRuns(live.recognitions.filter((one) => !source || one.source === source)).slice(0, ROWS);
    for (const id of rows.keys()) if (!wanted.some((one) => one.id === id)) rows.delete(id);
    for (const one of wanted) if (!rows.has(one.id)) rows.set(one.id, h("li", {}, entry(one, () => open(one))));
    list.replaceChildren(...(wanted.length ? wanted.map(({ id }) => rows.get(id)) : [nothing()]));
  };
  const open = (recognition) => {
    if (recognition.status === "failed") reading.fail(recognition.error);
    else reading.show(recognition);
    if (result.getBoundingClientRect().top > innerHeight / 2) result.scrollIntoView({ behavior: "smooth", block: "start" });
    for (const [id, item] of rows) item.firstChild.setAttribute("aria-pressed", String(id === recognition.id));
  };
  live.on("recognitions", () => (frame ||= requestAnimationFrame(render)));
  setInterval(() => list.isConnected && tick(list), 10_000);

  const filter = sourceFilter((chosen) => {
    source = chosen;
    render();
  });
  const head = h("div", { class: "view-head" }, h("div", {}, h("h1", {}, "History"), h("p", {}, "What was read, newest first. Open one to look closer or to correct it.")), filter);
  const element = h("div", { class: "view" }, head, h("div", { class: "workspace" }, list, result));
  bindKeys(element, reading);
  return { element, title: "History" };
}

/** A camera says the same thing again and again: only the newest of each run stays, and none without digits. */
function firstOfRuns(recognitions) {
  const said = new Map();
  return recognitions.filter(({ source, camera, text }) => {
    if (source !== "camera") return true;
    if (!text || said.get(camera) === text) return false;
    said.set(camera, text);
    return true;
  });
}

function sourceFilter(choose) {
  return h("div", { class: "segments", role: "group", "aria-label": "Which readings" }, Object.entries(SOURCES).map(([source, name]) => h("label", {},
    h("input", { type: "radio", name: "source", checked: source === "", onchange: () => choose(source) }), name)));
}

function nothing() {
  return h("li", { class: "empty" }, h("strong", {}, "Nothing here yet"), h("p", {}, "Draw a number or upload a picture, and it is listed here."));
}

function entry(recognition, open) {
  const { text, digits, status, created_at: made, camera, source } = recognition;
  const shown = status === "failed" ? recognition.error?.title ?? "failed" : text?.replaceAll("\n", " · ") || "no digits";
  const least = digits.length ? `least sure ${percent(Math.min(...digits.map(({ confidence }) => confidence)))}` : "";
  return h("button", { type: "button", class: "entry", "aria-pressed": "false", onclick: open },
    h("span", { class: "text" }, shown),
    h("span", { class: "crops", "aria-hidden": "true" }, digits.slice(0, CROPS).map(({ index }) => crop(recognition.id, index))),
    h("span", { class: "facts" },
      h("b", {}, camera ?? SOURCES[source]), " · ", h("time", { dateTime: made }, ago(made)), h("br"),
      [least, recognition.model_version && `model ${recognition.model_version}`, recognition.timing_ms && milliseconds(recognition.timing_ms.total)].filter(Boolean).join(" · ")));
}

function crop(id, index) {
  const image = h("img", { loading: "lazy", src: cropUrl(id, index), alt: "", width: 28, height: 28 });
  image.addEventListener("error", () => image.remove());
  return image;
}

function tick(list) {
  for (const time of list.querySelectorAll("time")) time.textContent = ago(time.dateTime);
}
