// The browser's own camera, read as it runs; a snapshot keeps a moment.

import * as api from "./api.js";
import { announce, h, icon, problemCard } from "./dom.js";
import { Feed } from "./feed.js";
import { encode, FrameReader, heldUp } from "./frames.js";
import { createLivePanel } from "./live-panel.js";
import { createOverlay, legend } from "./overlay.js";
import { bindKeys, Reading } from "./reading.js";
import { createResult } from "./result.js";
import { createSnapshots } from "./snapshots.js";
import { Steady } from "./steady.js";

const TOO_OLD_MS = 500; // without an answer for so long the live picture is shown, without boxes
const SNAPSHOT_SIDE = 1920;
const SNAPSHOT_QUALITY = 0.92;

/** The view of the browser's camera. */
export function createWebcam({ live }) {
  const webcam = new Webcam(live);
  const element = h("div", { class: "workspace" }, h("h1", { class: "visually-hidden" }, "Hold a number up to the camera"), webcam.element, webcam.side);
  bindKeys(element, webcam.reading);
  let resume = false;
  return {
    element,
    title: "Webcam",
    shown: () => resume && webcam.start(),
    hidden() {
      resume = webcam.running;
      webcam.stop();
    },
  };
}

/** Camera, picture, readings and buttons; off, starting, live, or looking at a snapshot. */
class Webcam {
  /** The snapshot that is looked at. */
  reading = new Reading();
  #seen = new Reading(); // the frame that is on screen
  #live;
  #steady = new Steady();
  #video = h("video", { muted: true, playsInline: true, disablePictureInPicture: true, "aria-label": "The camera's picture" });
  #answered = h("canvas", { class: "answered", hidden: true, "aria-hidden": "true" });
  #still = h("img", { class: "still", alt: "The snapshot", hidden: true });
  #curtain = h("div", { class: "curtain" });
  #frame;
  #feed = new Feed(this.#video);
  #frames = new FrameReader(this.#video, { onread: (...read) => this.#show(...read), onproblem: (problem) => this.#panel.fail(problem) });
  #panel = createLivePanel();
  #result = createResult(this.reading, "Reading the snapshot…");
  #snapshots;
  #buttons = {};
  #stale = 0;

  constructor(live) {
    this.#live = live;
    this.#snapshots = createSnapshots({ open: (snapshot) => this.#open(snapshot), read: (snapshot) => this.#read(snapshot), closed: () => this.#back(), reading: this.reading });
    this.#frame = h("div", { class: "stage-frame" }, this.#video, this.#answered, createOverlay(this.#seen, { interactive: false }), this.#still, createOverlay(this.reading));
    this.side = h("div", { class: "side" }, this.#panel.element);
    this.element = h("div", { class: "webcam" }, h("div", { class: "stage" }, this.#frame, this.#curtain), this.#toolbar(), this.#snapshots.element);
    this.#feed.addEventListener("ended", () => this.#gone());
    this.#feed.addEventListener("devices", () => this.#listDevices());
    this.#video.addEventListener("resize", () => this.#shape(this.#video.videoWidth, this.#video.videoHeight));
    this.#close();
  }

  get running() {
    return this.#feed.running;
  }

  async start(device = null) {
    this.#render("starting");
    try {
      if (!(await this.#feed.start(device))) return;
    } catch (problem) {
      this.stop();
      this.#close(problem);
      announce(`${problem.title}. ${problem.detail}`);
      return;
    }
    this.#goLive();
  }

  stop() {
    this.#frames.stop();
    this.#feed.stop();
    this.#close();
  }

  #goLive() {
    this.#steady = new Steady();
    this.#panel.clear();
    this.#still.hidden = true;
    this.reading.show(null);
    this.side.replaceChildren(this.#panel.element);
    this.#snapshots.choose(null);
    this.#frames.start();
    this.#render("live");
  }

  /** The frame that was read, with its boxes: picture and boxes belong together, however long the answer took. */
  #show(recognition, canvas, roundTrip) {
    Object.assign(this.#answered, { width: canvas.width, height: canvas.height, hidden: false });
    this.#answered.getContext("2d", { alpha: false }).drawImage(canvas, 0, 0);
    this.#seen.show(recognition);
    if (this.#steady.take(recognition.digits) && this.#steady.text) announce(`Steady: ${this.#steady.text}`);
    this.#panel.show(recognition, this.#steady, this.#frames.rate, roundTrip);
    clearTimeout(this.#stale);
    this.#stale = setTimeout(() => this.#unanswered(), TOO_OLD_MS);
  }

  #unanswered() {
    this.#answered.hidden = true;
    this.#seen.show(null);
  }

  async #snap() {
    if (!this.#frames.running || this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    this.#frames.stop();
    const canvas = document.createElement("canvas");
    const picture = await encode(this.#video, canvas, SNAPSHOT_SIDE, SNAPSHOT_QUALITY);
    const snapshot = this.#snapshots.add(picture);
    await this.#read(snapshot);
  }

  /** Have `snapshot` read and show it. */
  async #read(snapshot) {
    Object.assign(snapshot, { problem: null, recognition: null, busy: true });
    snapshot.render();
    this.#open(snapshot);
    const began = performance.now();
    const profile = heldUp();
    try {
      snapshot.take(await api.recognise(snapshot.picture, { source: "webcam", profile }), performance.now() - began, profile);
      this.#live.remember(snapshot.recognition);
      announce(`Snapshot: ${snapshot.recognition.text || "no digit found"}`);
    } catch (problem) {
      snapshot.fail(problem);
      announce(`${problem.title}. ${problem.detail}`);
    }
    snapshot.busy = false;
    this.#snapshots.keep(snapshot);
    if (this.#snapshots.chosen === snapshot) this.#open(snapshot);
  }

  /** Look at `snapshot`; one that was never read (the page was left, the gateway away) is read now. */
  #open(snapshot) {
    if (!snapshot.recognition && !snapshot.problem && !snapshot.busy) return this.#read(snapshot);
    this.#frames.stop();
    this.#snapshots.choose(snapshot);
    clearTimeout(this.#stale);
    this.#unanswered();
    this.#still.src = snapshot.url;
    this.#still.hidden = false;
    this.side.replaceChildren(this.#result);
    if (snapshot.recognition) this.reading.show(snapshot.recognition, snapshot.roundTrip);
    else this.reading.expect();
    if (snapshot.problem) this.reading.fail(snapshot.problem);
    this.#still.onload = () => this.#shape(this.#still.naturalWidth, this.#still.naturalHeight);
    this.#render("still");
  }

  #back() {
    if (!this.running) return this.stop();
    this.#shape(this.#video.videoWidth, this.#video.videoHeight);
    this.#goLive();
  }

  #gone() {
    this.stop();
    this.#close(new api.Problem({ title: "The camera is gone", detail: "It was unplugged or taken away. Plug it in again, then start again, or choose another." }));
  }

  /** What is on the stage while there is no picture. */
  #close(problem = null) {
    clearTimeout(this.#stale);
    this.#unanswered();
    this.#still.hidden = true;
    this.reading.show(null);
    this.side.replaceChildren(this.#panel.element);
    this.#panel.clear();
    this.#snapshots.choose(null);
    this.#curtain.replaceChildren(...(problem
      ? [problemCard(problem)]
      : [icon("webcam"), h("strong", {}, "Hold a number up to the camera"), h("p", {}, "Its frames go to this system and nowhere else. A snapshot keeps one, in the history.")]));
    this.#curtain.append(h("button", { type: "button", class: "button primary", onclick: () => this.start(this.#buttons.devices.value || null) }, problem ? "Start again" : "Start the camera"));
    this.#render("off");
  }

  #toolbar() {
    const button = (name, label, run, props = {}) => h("button", { type: "button", class: "button", "aria-label": label, onclick: run, ...props }, icon(name), h("span", {}, label));
    const devices = h("select", { "aria-label": "Camera", onchange: () => this.running && this.start(devices.value) });
    const mirror = h("input", { type: "checkbox", onchange: () => this.#frame.classList.toggle("mirrored", mirror.checked) });
    this.#buttons = {
      snap: button("snapshot", "Keep a snapshot", () => this.#snap(), { class: "button primary" }),
      back: button("play", "Back to the live picture", () => this.#back(), { class: "button primary" }),
      stop: button("stop", "Stop", () => this.stop()),
      devices,
    };
    const { snap, back, stop } = this.#buttons;
    return h("div", { class: "toolbar" }, snap, back, stop, h("div", { class: "field device" }, devices), h("label", { class: "check small" }, mirror, "Mirror"), legend());
  }

  #listDevices() {
    const { devices } = this.#buttons;
    devices.replaceChildren(...this.#feed.devices.map(({ id, name }) => h("option", { value: id, selected: id === this.#feed.device }, name)));
    devices.parentElement.hidden = this.#feed.devices.length < 2;
  }

  #render(state) {
    const { snap, back, stop, devices } = this.#buttons;
    this.element.dataset.state = state;
    this.#curtain.hidden = state === "live" || state === "still";
    if (state === "starting") this.#curtain.replaceChildren(h("p", {}, "Asking for the camera… the browser may want a yes."));
    snap.hidden = back.hidden = state !== "live" && state !== "still";
    if (!snap.hidden) [snap.hidden, back.hidden] = [state === "still", state === "live"];
    stop.hidden = !this.running;
    devices.parentElement.hidden = this.#feed.devices.length < 2;
  }

  #shape(width, height) {
    if (width && height) this.#frame.style.setProperty("--ratio", width / height);
  }
}
