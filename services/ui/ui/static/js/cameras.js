// The server's cameras: live picture, boxes, steady reading, health; added, edited, paused and removed.

import * as api from "./api.js";
import { addCamera, editCamera, removeCamera } from "./camera-form.js";
import { createCameraPicture } from "./camera-picture.js";
import { differing } from "./camera-trial.js";
import { h, icon, problemCard, setChildren, toast } from "./dom.js";
import { ago } from "./format.js";
import { createHistogram } from "./histogram.js";

/** The view of cameras. Pictures are asked for only while it is on screen. */
export function createCameras({ live }) {
  const grid = h("div", { class: "cameras" });
  const cards = new Map();
  const none = nothing();
  let watching = false;
  const render = () => {
    const names = live.cameras.map(({ name }) => name);
    for (const name of cards.keys()) if (!names.includes(name)) cards.delete(name);
    for (const camera of live.cameras) {
      if (!cards.has(camera.name)) cards.set(camera.name, createCard(camera.name));
      cards.get(camera.name).update(camera, watching);
    }
    setChildren(grid, names.length ? names.map((name) => cards.get(name).element) : [none]);
  };
  const watch = (on) => {
    watching = on;
    render();
  };
  live.on("cameras", render);
  setInterval(() => watching && render(), 2000); // a camera that falls silent sends no event
  document.addEventListener("visibilitychange", () => grid.isConnected && watch(!document.hidden));
  const add = h("button", { type: "button", class: "button primary", onclick: addCamera }, icon("cameras"), "Add a camera");
  const head = h("div", { class: "view-head" }, h("div", {}, h("h1", {}, "Cameras"), h("p", {}, "What the cameras of this system see and read right now.")), add);
  return { element: h("div", { class: "view" }, head, grid), title: "Cameras", shown: () => watch(true), hidden: () => watch(false) };
}

function nothing() {
  return h("div", { class: "empty card" }, h("strong", {}, "No camera yet"), h("p", {}, "Add one: a network camera, a device at the server, or the demo. The camera worker must run (make up)."));
}

const SILENT_MS = 12_000; // a camera whose picture does not change still sends one every two seconds

/** What a camera does: `online`, `paused`, `silent` or `waiting`; `sinceMs`: how long this page has heard nothing new. */
function stateOf({ definition, online, last_frame_at: last }, sinceMs) {
  if (definition?.paused) return "paused";
  if (online && sinceMs < SILENT_MS) return "online";
  return last ? "silent" : "waiting";
}

const BADGES = { online: "good", paused: "", silent: "bad", waiting: "" };
const NO_PICTURE = { paused: "Paused", silent: "No picture: the camera is silent", waiting: "Waiting for its first picture…" };

function createCard(name) {
  const picture = createCameraPicture(name);
  const histogram = createHistogram("From capture to result");
  const badge = h("span", { class: "badge" });
  const title = h("h2", {}, name);
  const text = h("p", { class: "text", title: "The steady reading: alike three times running" });
  const source = h("p", { class: "source small soft" });
  const trouble = h("div");
  const counters = h("dl");
  const actions = h("div", { class: "camera-actions" });
  const element = h("article", { class: "camera card", "aria-label": `Camera ${name}`, dataset: { camera: name } },
    picture.element,
    h("div", { class: "about" }, h("header", {}, title, badge), source, text, trouble, counters, histogram.element, actions));
  let known = null; // the camera as it was told last: what an open form begins with
  let heard = { at: performance.now(), of: null }; // by this machine's clock: the gateway's may be another
  let buttons = null;
  return {
    element,
    update(camera, watching) {
      const newest = `${camera.last_frame_at} ${camera.last_recognition?.id}`;
      if (heard.of !== newest) heard = { at: performance.now(), of: newest };
      const state = stateOf(camera, performance.now() - heard.at);
      element.dataset.state = state;
      badge.dataset.state = BADGES[state];
      badge.textContent = state === "silent" ? `silent since ${ago(camera.last_frame_at)}` : state;
      if (watching && state === "online") picture.show(camera.last_recognition);
      else if (state !== "online") picture.rest(NO_PICTURE[state]);
      title.textContent = camera.definition?.label ?? name;
      source.textContent = sourceOf(camera);
      text.textContent = (state === "online" && (camera.reading || camera.last_recognition?.text)) || "–";
      const problem = state === "paused" ? null : camera.problem;
      if ((trouble.textContent === "") !== !problem || (problem && !trouble.textContent.endsWith(problem))) trouble.replaceChildren(...(problem ? [problemCard({ title: "Nothing comes from it", detail: problem })] : []));
      counters.replaceChildren(...countersOf(camera));
      histogram.update(camera.latency);
      // one that nobody defined is removed only when its worker is gone: it would be back at once
      const removable = camera.definition ? Boolean(camera.definition.source) : state !== "online";
      const key = `${removable} ${camera.definition?.paused}`;
      if (key !== buttons) actions.replaceChildren(...actionsOf(camera, removable));
      buttons = key;
      known = camera;
    },
  };

  function actionsOf(camera, removable) {
    const paused = Boolean(camera.definition?.paused);
    const button = (words, run) => h("button", { type: "button", class: "button slim", "aria-label": `${words} camera ${name}`, onclick: run }, words);
    return [
      button(paused ? "Resume" : "Pause", (event) => pause(event.currentTarget, name, !paused)),
      button("Edit", () => editCamera(known)),
      removable && button("Remove", () => removeCamera(known)),
    ].filter(Boolean);
  }
}

function sourceOf({ name, definition, source, last_recognition: newest }) {
  const size = newest?.width ? `${newest.width} × ${newest.height}` : "";
  return [definition?.label && name, definition?.source ?? source, size, definition?.fps && `${definition.fps} a second at most`, definition?.profile && `${differing(definition.profile)}`].filter(Boolean).join(" · ");
}

const MEANINGS = {
  captured: "frames that its source delivered",
  skipped: "passed over on purpose: too many, or nothing had changed",
  sent: "taken by the gateway",
  dropped: "wanted, and lost on the way",
  reconnects: "times that its source came back",
  "too late": "not read, for they were too old when a recognizer had time",
};

function countersOf({ counters = {}, dropped }) {
  const all = { ...counters, "too late": dropped };
  return Object.entries(all).map(([label, value]) => h("div", { title: MEANINGS[label] ?? "" }, h("dt", {}, label), h("dd", {}, Number(value ?? 0).toLocaleString("en"))));
}

async function pause(button, name, paused) {
  button.disabled = true;
  try {
    await api.changeCamera(name, { paused });
  } catch (problem) {
    toast(`${problem.title}. ${problem.detail}`);
  }
  button.disabled = false;
}
