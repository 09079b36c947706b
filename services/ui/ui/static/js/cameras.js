// The server's cameras: live picture, boxes, latest reading, health.

import { previewUrl } from "./api.js";
import { h } from "./dom.js";
import { ago } from "./format.js";
import { createOverlay } from "./overlay.js";
import { Reading } from "./reading.js";

const RETRY_MS = 2000;

/** The view of cameras. Pictures are streamed only while it is on screen. */
export function createCameras({ live }) {
  const grid = h("div", { class: "cameras" });
  const cards = new Map();
  let streaming = false;
  const stream = (on) => {
    streaming = on;
    cards.forEach((card) => card.stream(on));
  };
  const render = () => {
    for (const camera of live.cameras) {
      if (!cards.has(camera.name)) {
        cards.set(camera.name, createCard(camera.name));
        cards.get(camera.name).stream(streaming);
      }
      cards.get(camera.name).update(camera);
    }
    const present = live.cameras.map(({ name }) => cards.get(name).element);
    if (present.length !== grid.children.length || present.some((card, i) => grid.children[i] !== card)) {
      grid.replaceChildren(...(present.length ? present : [nothing()]));
    }
  };
  live.on("cameras", render);
  document.addEventListener("visibilitychange", () => grid.isConnected && stream(!document.hidden));
  const head = h("div", { class: "view-head" }, h("div", {}, h("h1", {}, "Cameras"), h("p", {}, "What the cameras of this system see and read right now.")));
  return { element: h("div", { class: "view" }, head, grid), title: "Cameras", shown: () => stream(true), hidden: () => stream(false) };
}

function nothing() {
  return h("div", { class: "empty card" }, h("strong", {}, "No camera yet"),
    h("p", {}, "Start a camera worker: ", h("code", {}, "DIGITSCRIBE_CAMERA_SOURCE=demo python -m camera_worker"), ". A device number, a video file or an RTSP address works as well."));
}

const STILL = 0.02; // of the picture's width

/** Picture and boxes come on ways of their own, so boxes are shown only while nothing moves: else they lie beside the digits. */
function isStill(newest, before) {
  if (newest.digits.length !== before?.digits.length) return false;
  const slack = STILL * newest.width;
  return newest.digits.every(({ box }, i) => Math.hypot(box.x - before.digits[i].box.x, box.y - before.digits[i].box.y) <= slack);
}

function createCard(name) {
  const reading = new Reading();
  let before = null;
  const image = h("img", { alt: "", width: 640, height: 480 });
  let wanted = false;
  let retry = 0;
  const stream = (on) => {
    clearTimeout(retry);
    wanted = on;
    image.removeAttribute("src");
    if (on) image.src = previewUrl(name);
  };
  // a stream that broke off shows as an error; a camera that was silent has no preview yet
  image.addEventListener("error", () => wanted && (retry = setTimeout(() => stream(wanted), RETRY_MS)));
  const about = h("div", { class: "about" });
  const element = h("article", { class: "camera card", "aria-label": `Camera ${name}`, dataset: { camera: name } },
    h("div", { class: "live" }, image, createOverlay(reading, { interactive: false })), about);
  return {
    element,
    update(camera) {
      const newest = camera.online ? camera.last_recognition ?? null : null;
      if (newest?.id !== before?.id) reading.show(newest && isStill(newest, before) ? newest : null);
      before = newest;
      if (camera.last_recognition?.width) image.style.aspectRatio = `${camera.last_recognition.width} / ${camera.last_recognition.height}`;
      about.replaceChildren(...facts(camera));
    },
    stream,
  };
}

function facts({ name, online, last_frame_at: last, last_recognition: newest, reading, frames, dropped, counters }) {
  const fact = (label, value) => h("div", {}, h("dt", {}, label), h("dd", {}, value));
  const state = h("span", { class: "badge", dataset: { state: online ? "good" : "bad" } }, online ? "online" : `silent${last ? ` since ${ago(last)}` : ""}`);
  return [
    h("header", {}, h("h2", {}, name), state),
    h("p", { class: "text", title: "The steady reading: alike three times running" }, reading || newest?.text || "–"),
    h("dl", {}, fact("frames", frames), fact("too late", dropped), Object.entries(counters).map(([label, value]) => fact(label, value))),
  ];
}
