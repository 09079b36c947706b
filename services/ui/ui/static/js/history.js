// What was read, newest first: a page of it at a time, filtered by the gateway.

import * as api from "./api.js";
import { cropUrl } from "./api.js";
import { learnCorrections, textWithCorrections, wasCorrected } from "./corrections.js";
import { h, problemCard, toast } from "./dom.js";
import { ago, milliseconds, percent, plural } from "./format.js";
import { createFilter, sourceName } from "./history-filter.js";
import { countImages, forgetImages, imageOf } from "./images.js";
import { createOverlay, legend } from "./overlay.js";
import { pictureOf } from "./picture-of.js";
import { bindKeys, Reading } from "./reading.js";
import { createResult } from "./result.js";
import { Zoom } from "./zoom.js";

const PAGE = 40;
const CROPS = 14;
const REFRESH_MS = 700; // readings come in bursts

/** The view of what was read. */
export function createHistory({ live }) {
  const reading = new Reading();
  const picture = createPicture(reading);
  const result = createResult(reading, "Open a reading to see its digits.");
  const filter = createFilter(() => pages.load());
  const open = (recognition) => {
    if (recognition.status === "failed") reading.show(null), reading.fail(recognition.error);
    else reading.show(recognition);
    picture.show(recognition);
    pages.mark(recognition.id);
    if (innerWidth < 832) picture.element.scrollIntoView({ block: "start" });
  };
  const pages = new Pages(filter, open);
  let timer = 0;
  live.on("recognitions", () => {
    timer ||= setTimeout(() => { // not put off by what comes meanwhile: cameras read all the time
      timer = 0;
      if (pages.element.isConnected) pages.refresh();
    }, REFRESH_MS);
  });
  live.on("models", () => filter.versions((live.models?.versions ?? []).map(({ version }) => version)));
  reading.addEventListener("change", () => pages.relabel(reading.recognition));
  setInterval(() => pages.element.isConnected && pages.tick(), 10_000);
  const kept = createKept();
  const head = h("div", { class: "view-head" }, h("div", {}, h("h1", {}, "History"), h("p", {}, "What was read, newest first. Open one to look closer or to correct it.")), filter.element);
  const element = h("div", { class: "view history" }, head, h("div", { class: "workspace" }, h("div", { class: "history-main" }, picture.element, pages.element, kept.element), result));
  bindKeys(element, reading);
  return { element, title: "History", shown: () => (kept.count(), pages.load()) };
}

/** How many pictures this browser keeps, and the way to forget them. */
function createKept() {
  const words = h("span");
  const count = async () => {
    const pictures = await countImages();
    element.hidden = pictures === 0;
    words.textContent = `This browser keeps ${plural(pictures, "picture")} that it had read, for looking back; the server keeps none.`;
    return pictures;
  };
  const forget = async () => {
    await forgetImages().catch(() => {}); // one that keeps nothing has nothing to forget: what counts is what is left
    toast((await count()) ? "The browser does not let go of the pictures. Try again, or clear this page's data in its settings." : "The pictures are forgotten; their readings stay.");
  };
  const element = h("p", { class: "kept small soft", hidden: true }, words, h("button", { type: "button", class: "button quiet slim", onclick: forget }, "Forget them"));
  return { element, count };
}

/** The opened reading: its photo if this browser still has it, else its digits put where they were found. */
function createPicture(reading) {
  const content = h("div", { class: "picture-frame" });
  const zoom = new Zoom(content);
  let shown = null;
  let opened = null;
  const photoUrl = (photo) => {
    if (shown) URL.revokeObjectURL(shown);
    return (shown = URL.createObjectURL(photo));
  };
  const imageOfPhoto = (photo, recognition) => {
    const image = h("img", { src: photoUrl(photo), alt: "The picture that was read" });
    image.addEventListener("error", () => image.replaceWith(pictureOf(recognition))); // a format that no browser shows
    return image;
  };
  const overlay = createOverlay(reading);
  const note = h("p", { class: "small soft" }, "This browser has no copy of the picture, and the server keeps none: these are its digits as the model saw them, put where they were.");
  const element = h("div", { class: "picture history-picture", hidden: true }, zoom.element, h("div", { class: "under" }, legend(), note));
  return {
    element,
    async show(recognition) {
      opened = recognition;
      element.hidden = recognition.status === "failed" || !recognition.width;
      if (element.hidden) return;
      const photo = await imageOf(recognition.id);
      if (opened !== recognition) return; // another was opened meanwhile
      note.hidden = Boolean(photo);
      content.replaceChildren(photo ? imageOfPhoto(photo, recognition) : pictureOf(recognition), overlay);
      zoom.shape(recognition.width / recognition.height);
    },
  };
}

/** The list and its pages. */
class Pages {
  #list = h("ol", { class: "history-list card", "aria-label": "Readings, newest first" });
  #more = h("button", { type: "button", class: "button", hidden: true, onclick: () => this.#append() }, "Show more");
  #filter;
  #loading = null;
  #open;
  #rows = new Map(); // id → {row, recognition}
  #nearing = new IntersectionObserver((entries) => entries.at(-1).isIntersecting && !this.#more.disabled && this.#append(), { rootMargin: "600px" });
  #next = null;
  #marked = null;
  #asked = 0; // of two answers the newer question's counts

  constructor(filter, open) {
    this.#filter = filter;
    this.#open = open;
    this.element = h("div", { class: "history-pages" }, this.#list, h("div", { class: "more-row" }, this.#more));
  }

  /** Begin again, with the filter as it is. */
  async load() {
    this.#loading = this.#ask({}, (answer) => this.#begin(answer));
    await this.#loading;
  }

  #begin({ recognitions, next }) {
    this.#rows.clear();
    this.#next = next ?? null;
    this.#add(recognitions);
  }

  /** Put what is new on top; what was opened further down stays. */
  async refresh() {
    await this.#loading; // its answer would be thrown away for this one's, and what no longer belongs here would stay
    if (this.#rows.size === 0) return this.load();
    await this.#ask({}, (answer) => {
      const fresh = answer.recognitions.filter(({ id }) => !this.#rows.has(id));
      if (fresh.length < answer.recognitions.length) this.#add(fresh, "top");
      else this.#begin(answer); // there may be more between these and those that are shown
    });
  }

  async #append() {
    if (!this.#next) return;
    this.#more.disabled = true;
    await this.#ask({ before: this.#next }, (answer) => {
      this.#next = answer.next ?? null;
      this.#add(answer.recognitions);
    });
    this.#more.disabled = false;
  }

  async #ask(extra, take) {
    const number = ++this.#asked;
    try {
      const answer = await api.history({ ...this.#filter.query(), ...extra, limit: PAGE });
      learnCorrections(answer.recognitions, answer.corrections ?? []);
      if (number === this.#asked) take(answer);
      this.#render();
    } catch (problem) {
      if (number === this.#asked && this.#rows.size === 0) this.#list.replaceChildren(h("li", {}, problemCard(problem)));
    }
  }

  #add(recognitions, where = "end") {
    const added = recognitions.map((recognition) => [recognition.id, { recognition, row: h("li", {}, entry(recognition, () => this.#open(recognition))) }]);
    this.#rows = new Map(where === "top" ? [...added, ...this.#rows] : [...this.#rows, ...added]);
  }

  #render() {
    const rows = newestStages([...this.#rows.values()]).map(({ row }) => row);
    const focused = document.activeElement;
    this.#list.replaceChildren(...(rows.length ? rows : [this.#nothing()]));
    if (focused?.isConnected && this.#list.contains(focused)) focused.focus({ preventScroll: true });
    this.#more.hidden = !this.#next;
    this.#nearing.unobserve(this.#more); // observed anew it tells where it stands: still near is no change, and would go untold
    this.#nearing.observe(this.#more);
    this.mark(this.#marked);
  }

  #nothing() {
    const filtered = Object.keys(this.#filter.query()).length > 0;
    return filtered
      ? h("li", { class: "empty" }, h("strong", {}, "Nothing like that"), h("button", { type: "button", class: "button", onclick: () => this.#filter.reset() }, "Show everything"))
      : h("li", { class: "empty" }, h("strong", {}, "Nothing here yet"), h("p", {}, "Draw a number or upload a picture, and it is listed here."));
  }

  mark(id) {
    this.#marked = id;
    for (const [own, { row }] of this.#rows) row.firstChild.setAttribute("aria-pressed", String(own === id));
  }

  /** A correction was made: the row says so. */
  relabel(recognition) {
    const known = recognition && this.#rows.get(recognition.id);
    if (known) label(known.row.querySelector(".text"), recognition);
  }

  tick() {
    for (const time of this.#list.querySelectorAll("time")) time.textContent = ago(time.dateTime);
  }
}

/** Of a drawing that was read stroke by stroke the newest reading, and those that were corrected. */
function newestStages(entries) {
  const told = new Set();
  return entries.filter(({ recognition }) => {
    const { live, sequence, status } = recognition;
    if (live || !sequence || status !== "done") return true;
    const isNewest = !told.has(sequence);
    told.add(sequence);
    return isNewest || wasCorrected(recognition);
  });
}

function entry(recognition, open) {
  const { digits, created_at: made, camera, source, model_version: version, timing_ms: times } = recognition;
  const least = digits.length ? `least sure ${percent(Math.min(...digits.map(({ confidence }) => confidence)))}` : "";
  const text = h("span", { class: "text" });
  label(text, recognition);
  return h("button", { type: "button", class: "entry", "aria-pressed": "false", dataset: { status: recognition.status }, onclick: open }, text,
    h("span", { class: "crops", "aria-hidden": "true" }, digits.slice(0, CROPS).map(({ index }) => crop(recognition.id, index)), digits.length > CROPS && h("small", {}, `+${digits.length - CROPS}`)),
    h("span", { class: "facts" },
      h("b", {}, camera ?? sourceName(source)), " · ", h("time", { dateTime: made }, ago(made)),
      h("span", { class: "how" }, [least, version && `model ${version}`, times && milliseconds(times.total)].filter(Boolean).join(" · "))));
}

function label(element, recognition) {
  if (recognition.status === "failed") return element.replaceChildren(recognition.error?.title ?? "failed");
  const now = textWithCorrections(recognition).replaceAll("\n", " · ");
  const corrected = now !== recognition.text.replaceAll("\n", " · ");
  element.classList.toggle("corrected", corrected);
  element.replaceChildren(now || "no digits", ...(corrected ? [h("span", { class: "visually-hidden" }, " (corrected)")] : []));
}

function crop(id, index) {
  const image = h("img", { loading: "lazy", src: cropUrl(id, index), alt: "", width: 28, height: 28 });
  image.addEventListener("error", () => image.remove());
  return image;
}
