// Pictures from files: dropped, pasted or chosen, several at once.

import * as api from "./api.js";
import { announce, h, icon } from "./dom.js";
import { plural } from "./format.js";
import { createOverlay, legend } from "./overlay.js";
import { bindKeys, Reading } from "./reading.js";
import { createResult } from "./result.js";

const AT_ONCE = 3;
const RETRIES = 5;
const ACCEPT = "image/*,.tif,.tiff,.bmp,.webp";

/** The view to which pictures are given. */
export function createUpload({ live, showView }) {
  const reading = new Reading();
  const tray = new Tray(reading, live);
  const element = h("div", { class: "workspace" }, h("h1", { class: "visually-hidden" }, "Upload pictures of numbers"), tray.element, createResult(reading, "Drop a photo of handwritten digits, and they are read here."));
  bindKeys(element, reading);
  takeDrops(tray, showView);
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    showView("upload");
    tray.add(files);
  });
  return { element, title: "Upload" };
}

/** Files may be dropped anywhere on the page. */
function takeDrops(tray, showView) {
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    showView("upload");
    tray.element.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) tray.element.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    tray.element.classList.remove("over");
    tray.add([...event.dataTransfer.files]);
  });
}

/** The pictures that were given, and the one that is looked at. */
class Tray {
  #reading;
  #live;
  #items = [];
  #waiting = [];
  #busy = 0;
  #shown = null;
  #files = h("div", { class: "files", role: "group", "aria-label": "Pictures", hidden: true });
  #picture = h("div", { class: "picture sheet", hidden: true });
  #legend = legend();

  constructor(reading, live) {
    this.#reading = reading;
    this.#live = live;
    this.#legend.hidden = true;
    this.overlay = createOverlay(reading);
    const input = h("input", { type: "file", multiple: true, accept: ACCEPT, class: "visually-hidden", id: "file-input", tabIndex: -1, "aria-label": "Pictures to read" });
    input.addEventListener("change", () => {
      this.add([...input.files]);
      input.value = "";
    });
    const drop = h("div", { class: "drop" }, icon("upload"),
      h("div", {}, h("strong", {}, "Drop pictures here"), h("p", { class: "small" }, "or paste them, or choose some")),
      h("button", { type: "button", class: "button primary", onclick: () => input.click() }, "Choose pictures"),
      h("p", { class: "small formats" }, "PNG, JPEG, WebP, BMP, TIFF or GIF; several at once; dark on light or light on dark"));
    this.element = h("div", { class: "upload" }, drop, input, this.#picture, this.#legend, this.#files);
  }

  add(files) {
    const items = files.map((file) => this.#item(file));
    if (items.length === 0) return;
    this.#items.push(...items);
    this.#files.prepend(...items.map(({ element }) => element));
    this.#waiting.push(...items);
    this.element.classList.add("has-files");
    this.#picture.hidden = this.#legend.hidden = false;
    this.#files.hidden = this.#items.length < 2;
    this.#show(items[0]);
    this.#work();
  }

  #item(file) {
    const url = URL.createObjectURL(file);
    const item = { file, url, recognition: null, problem: null, state: "waiting", roundTrip: null };
    const image = h("img", { src: url, alt: "" });
    image.addEventListener("error", () => image.replaceWith(file.name.split(".").pop().toUpperCase()));
    item.element = h("button", { type: "button", class: "file", onclick: () => this.#show(item) },
      h("span", { class: "thumb" }, image), h("b", {}, "…"), h("small", {}, file.name));
    return item;
  }

  #work() {
    while (this.#busy < AT_ONCE && this.#waiting.length) {
      this.#busy++;
      this.#read(this.#waiting.shift()).finally(() => {
        this.#busy--;
        this.#work();
      });
    }
  }

  async #read(item) {
    const began = performance.now();
    try {
      item.recognition = await withRetries(() => api.recognise(item.file, { source: "upload" }));
      item.roundTrip = performance.now() - began;
      this.#live.remember(item.recognition);
      announce(`${item.file.name}: ${item.recognition.text || "no digit found"}`);
    } catch (problem) {
      item.problem = problem;
      announce(`${item.file.name}: ${problem.title}. ${problem.detail}`);
    }
    this.#label(item);
    if (this.#shown === item) this.#show(item);
  }

  #label(item) {
    const { recognition, problem, element } = item;
    element.dataset.state = problem ? "failed" : "done";
    element.children[1].textContent = problem ? problem.title : recognition.text.replaceAll("\n", " · ") || "no digits";
    element.children[2].textContent = problem ? item.file.name : `${plural(recognition.digits.length, "digit")} · ${item.file.name}`;
  }

  #show(item) {
    const changed = this.#shown !== item;
    this.#shown = item;
    for (const other of this.#items) other.element.setAttribute("aria-pressed", String(other === item));
    if (changed) this.#picture.replaceChildren(this.#frame(item));
    if (item.recognition) this.#reading.show(item.recognition, item.roundTrip);
    else this.#reading.expect();
    if (item.problem) this.#reading.fail(item.problem);
    const blank = this.#picture.querySelector(".blank");
    if (blank && item.recognition) blank.style.aspectRatio = `${item.recognition.width} / ${item.recognition.height}`;
  }

  #frame(item) {
    const image = h("img", { src: item.url, alt: `The picture ${item.file.name}` });
    image.addEventListener("error", () => {
      const blank = h("div", { class: "blank", title: "This browser cannot show this format; the digits are where they were found" });
      if (item.recognition) blank.style.aspectRatio = `${item.recognition.width} / ${item.recognition.height}`;
      image.replaceWith(blank);
    });
    return h("div", { class: "picture-frame" }, image, this.overlay);
  }
}

/** Run `work` again while the answer is "come back later". */
async function withRetries(work) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (problem) {
      if (!problem.retryAfter || attempt === RETRIES) throw problem;
      await new Promise((resolve) => setTimeout(resolve, problem.retryAfter * 1000));
    }
  }
}
