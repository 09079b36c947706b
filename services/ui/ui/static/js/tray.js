// The pictures that were given, read a few at a time, and the one that is looked at.

import { annotated, download } from "./annotate.js";
import * as api from "./api.js";
import { announce, h, icon } from "./dom.js";
import { plural } from "./format.js";
import { createOverlay, legend } from "./overlay.js";
import { pictureOf } from "./picture-of.js";
import { createResultsTable } from "./results-table.js";
import { withRetries } from "./retrying.js";
import { style } from "./style.js";
import { Zoom } from "./zoom.js";

const AT_ONCE = 3;
const OTHER = /^(text|audio|video)\/|^application\/(?!octet-stream)/; // what is of no known type may be a picture

export class Tray {
  #reading;
  #live;
  #items = [];
  #waiting = [];
  #busy = 0;
  #shown = null;
  #sought = null; // the digit that was brought into sight last
  #content = h("div", { class: "picture-frame" });
  #zoom = new Zoom(this.#content);
  #save = h("button", { type: "button", class: "button slim", onclick: () => this.#download() }, icon("download"), "Save with boxes");
  #table = createResultsTable({ open: (item) => this.#open(item), retry: (items) => this.#queue(items), again: (items) => this.#again(items), clear: () => this.#clear() });
  #overlay;
  #note = h("p", { class: "small soft", hidden: true }, "This browser cannot show the format of this picture: these are its digits as the model saw them, put where they were found.");

  constructor(reading, live) {
    this.#reading = reading;
    this.#live = live;
    this.#overlay = createOverlay(reading);
    this.picture = h("div", { class: "picture", hidden: true }, this.#zoom.element, h("div", { class: "under" }, legend(), this.#save, this.#note));
    this.results = this.#table.element;
    reading.addEventListener("change", () => this.#follow());
    style.addEventListener("change", () => this.#changed());
  }

  /** Take in `files` and open the first of them. */
  add(files) {
    const items = files.map((file) => ({ file, name: file.name, url: URL.createObjectURL(file), recognition: null, problem: null, state: "waiting", sent: 0, roundTrip: null, style: null, cleared: new AbortController() }));
    if (items.length === 0) return;
    this.#items.unshift(...items);
    this.picture.hidden = false;
    this.#show(items[0]);
    this.#queue(items);
  }

  onchange = () => {};

  get isEmpty() {
    return this.#items.length === 0;
  }

  #queue(items) {
    for (const item of items) Object.assign(item, { state: "waiting", problem: null });
    this.#waiting.push(...items);
    if (items.includes(this.#shown)) this.#show(this.#shown);
    this.#changed();
    this.#work();
  }

  /** Have `items` read with the style as it is now; what was read before stays on screen until then. */
  #again(items) {
    this.#queue(items);
    announce(`${plural(items.length, "picture")} are read again.`);
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
    const asked = style.query;
    const { signal } = item.cleared;
    const refused = refusal(item.file);
    const onwait = () => (Object.assign(item, { state: "waiting" }), this.#changed());
    const onsent = (share) => {
      Object.assign(item, { sent: share, state: share < 1 ? "sending" : "reading" });
      this.#changed();
    };
    try {
      if (refused) throw refused;
      const recognition = await withRetries(() => api.recognise(item.file, { source: "upload", profile: asked, onsent, signal }), { signal, onwait });
      Object.assign(item, { recognition, roundTrip: performance.now() - began, state: "done", style: asked });
      this.#live.remember(recognition);
    } catch (problem) {
      if (signal.aborted) return;
      Object.assign(item, { problem, state: "failed", recognition: null, style: asked });
    }
    announce(`${item.name}: ${item.problem ? `${item.problem.title}. ${item.problem.detail}` : item.recognition.text || "no digit found"}`);
    if (this.#shown === item) this.#show(item);
    this.#changed();
  }

  /** Show what a row of the table was pressed for; on a phone the picture is far above it. */
  #open(item) {
    this.#show(item);
    if (this.picture.getBoundingClientRect().bottom < 0) this.picture.scrollIntoView({ block: "start" });
  }

  #show(item) {
    if (this.#shown !== item) this.#content.replaceChildren(this.#imageOf(item), this.#overlay);
    this.#shown = item;
    this.#note.hidden = true;
    if (item.isUnshowable) this.#substitute(item);
    if (item.recognition) this.#reading.show(item.recognition, item.roundTrip);
    else this.#reading.expect();
    if (item.problem) this.#reading.fail(item.problem);
    if (item.recognition) this.#zoom.shape(item.recognition.width / item.recognition.height);
    this.#changed();
  }

  #imageOf(item) {
    const image = h("img", { src: item.url, alt: `The picture ${item.name}`, draggable: false });
    image.addEventListener("load", () => this.#shown === item && !item.recognition && this.#zoom.shape(image.naturalWidth / image.naturalHeight));
    image.addEventListener("error", () => {
      item.isUnshowable = true;
      if (this.#shown === item) this.#substitute(item);
    });
    return image;
  }

  /** A format that this browser cannot show: the digits as the model saw them, once they are read. */
  #substitute({ recognition }) {
    this.#content.replaceChildren(recognition ? pictureOf(recognition) : h("div", { class: "blank" }), this.#overlay);
    this.#note.hidden = !recognition;
  }

  /** The chosen digit is brought into sight, and the table says what was corrected. */
  #follow() {
    const { recognition, chosen, roundTrip } = this.#reading;
    // "How it was read" has read it anew
    if (recognition && this.#shown?.recognition && recognition.id !== this.#shown.recognition.id) Object.assign(this.#shown, { recognition, roundTrip, style: style.query });
    const moved = chosen !== this.#sought;
    this.#sought = chosen;
    if (moved && chosen !== null && recognition) {
      const { x, y, width, height } = this.#reading.digits[chosen].box;
      this.#zoom.reveal((x + width / 2) / recognition.width, (y + height / 2) / recognition.height);
    }
    if (recognition) this.#changed();
  }

  async #download() {
    const { recognition, name } = this.#shown ?? {};
    const image = this.#content.querySelector("img, canvas");
    if (recognition && image) download(await annotated(image, this.#reading), `${name.replace(/\.[^.]*$/, "")}-read.png`);
  }

  #clear() {
    for (const { url, cleared } of this.#items) {
      cleared.abort();
      URL.revokeObjectURL(url);
    }
    this.#items = [];
    this.#waiting = [];
    this.#shown = null;
    this.picture.hidden = true;
    this.#reading.show(null);
    this.#changed();
    announce("All pictures cleared.");
  }

  #changed() {
    this.#save.disabled = !this.#shown?.recognition;
    this.#table.update(this.#items, this.#shown);
    this.onchange();
  }
}

/** The problem of a file that is no picture by what it says of itself; it need not be sent. */
function refusal({ size, type }) {
  if (size === 0) return new api.Problem({ title: "Empty file", status: 422, detail: "There is nothing in it. Save the picture once more, and drop that." });
  if (OTHER.test(type)) return new api.Problem({ title: "Not a picture", status: 415, detail: "Save what it shows as PNG or JPEG, a page each, and drop that." });
  return null;
}
