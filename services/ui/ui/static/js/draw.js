// The sheet: mouse, finger or pen; read after every stroke.

import * as api from "./api.js";
import { follow } from "./corrections.js";
import { announce, h, icon, openDialog } from "./dom.js";
import { anyNumber, ghost, strokesOf, THICKEST, writeOut } from "./handwriting.js";
import { Drawing, paint, toPng, widthOf } from "./ink.js";
import { latestWins } from "./latest.js";
import { createOverlay, legend } from "./overlay.js";
import { bindKeys, Reading } from "./reading.js";
import { createResult } from "./result.js";
import { keepInTab, keptInTab } from "./storage.js";
import { style } from "./style.js";

const PENS = [["Fine", 9], ["Medium", 15], ["Bold", 24]];
const LONGEST_SIDE = 1280; // of the picture that is sent: more pixels than a digit needs, few enough to be quick
const RESIZE_MS = 250;
const KEPT = "drawing";

/** The view in which one writes. */
export function createDraw({ live }) {
  const reading = new Reading();
  const sheet = new Sheet(reading, live);
  const left = h("div", { class: "draw" }, sheet.element, toolbar(sheet));
  const element = h("div", { class: "workspace" }, h("h1", { class: "visually-hidden" }, "Draw a number"), left, createResult(reading, "What you write appears here, digit by digit."));
  bindKeys(element, reading);
  live.on("connection", () => live.connection === "live" && sheet.reconnected());
  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (!element.isConnected || openDialog()) return;
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && (key === "y" || (key === "z" && event.shiftKey))) sheet.redo();
    else if (isCommand ? key === "z" : key === "backspace" && !event.altKey && !event.shiftKey) sheet.undo();
    else return;
    event.preventDefault();
  });
  return { element, title: "Draw" };
}

function toolbar(sheet) {
  const button = (name, label, keys, run) => h("button", { type: "button", class: "button", title: `${label}${keys}`, "aria-label": label, onclick: run }, icon(name), h("span", {}, label));
  const undo = button("undo", "Undo", " (Ctrl+Z)", () => sheet.undo());
  const redo = button("redo", "Redo", " (Ctrl+Shift+Z)", () => sheet.redo());
  const clear = button("clear", "Clear", "", () => sheet.clear());
  sheet.onchange = () => {
    clear.disabled = sheet.drawing.isEmpty;
    undo.disabled = !sheet.drawing.canUndo;
    redo.disabled = !sheet.drawing.canRedo;
  };
  sheet.onchange();
  return h("div", { class: "toolbar" }, undo, redo, clear, pens(sheet), legend());
}

function pens(sheet) {
  const options = PENS.map(([name, size]) => h("label", { title: `${name} pen` },
    h("input", { type: "radio", name: "pen", checked: size === sheet.pen, "aria-label": `${name} pen`, onchange: () => (sheet.pen = size) }),
    h("i", { style: { "--pen-size": `${size * 0.75}px` } })));
  return h("div", { class: "segments pens", role: "group", "aria-label": "Pen" }, options);
}

class Sheet {
  drawing = new Drawing();
  pen = PENS[1][1];
  onchange = () => {};
  #reading;
  #live;
  #canvas;
  #hint;
  #size = { width: 0, height: 0 };
  #pointer = null;
  #frame = 0;
  #retry = 0;
  #shown = new AbortController(); // of the number that is being written for the person
  #resized = 0;
  #sequence = api.newSequence(); // of the number that is being written: its strokes are one in the history
  #reader = latestWins((job, signal) => this.#read(job, signal));

  constructor(reading, live) {
    this.#reading = reading;
    this.#live = live;
    this.#canvas = h("canvas", { tabIndex: 0, role: "img", "aria-label": "Sheet to write on with mouse, finger or pen. To read a picture instead, go to Upload." });
    this.#hint = h("div", { class: "hint" }, ghost("2047"), h("strong", {}, "Write a number"), h("span", {}, "With mouse, finger or pen; several digits, anywhere. It is read as you write."),
      h("button", { type: "button", class: "button", onclick: () => this.demonstrate() }, icon("play"), "Write one for me"));
    this.element = h("div", { class: "sheet" }, this.#canvas, createOverlay(reading, { interactive: false }), this.#hint);
    this.#listen();
    new ResizeObserver(() => this.#resize()).observe(this.element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
    document.addEventListener("themechange", () => this.#paint());
    style.addEventListener("change", () => this.drawing.isEmpty || this.#changed());
  }

  undo() {
    if (this.#pointer !== null) return;
    this.#shown.abort();
    this.drawing.undo();
    this.#changed();
  }

  redo() {
    if (this.#pointer !== null) return;
    this.#shown.abort();
    this.drawing.redo();
    this.#changed();
  }

  clear() {
    this.#shown.abort();
    this.drawing.clear();
    this.#changed();
    announce("Sheet cleared.");
  }

  /** Write a number as a person would, and have it read. A person's pen, undo or clear ends it. */
  async demonstrate() {
    this.#canvas.focus({ preventScroll: true });
    this.#canvas.classList.add("by-pointer");
    const shown = (this.#shown = new AbortController());
    const text = anyNumber();
    const w = Math.min(this.pen, strokesOf(text, this.#size.width, this.#size.height).scale * THICKEST);
    const pen = {
      begin: (point) => this.#begin({ ...point, w }),
      extend: (point) => (this.drawing.extend({ ...point, w }), this.#paint()),
      end: () => this.#changed(),
    };
    await writeOut(text, this.#size, pen, shown.signal);
  }

  #listen() {
    const on = (type, run) => this.#canvas.addEventListener(type, run);
    on("pointerdown", (event) => this.#down(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerup", (event) => this.#up(event));
    on("pointercancel", (event) => this.#up(event));
    on("pointerleave", () => this.#reading.hover(null));
    on("blur", () => this.#canvas.classList.remove("by-pointer"));
    on("contextmenu", (event) => event.preventDefault());
  }

  #down(event) {
    if (this.#pointer !== null || event.button !== 0) return;
    event.preventDefault();
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#canvas.classList.add("by-pointer");
    this.#canvas.focus({ preventScroll: true });
    this.#shown.abort();
    this.#begin(this.#pointOf(event));
  }

  #begin(point) {
    if (this.drawing.isEmpty) this.#sequence = api.newSequence();
    this.drawing.begin(point);
    this.#hint.classList.add("gone");
    this.#paint();
  }

  #move(event) {
    if (event.pointerId !== this.#pointer) return this.#hover(event);
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const one of passed.length ? passed : [event]) this.drawing.extend(this.#pointOf(one));
    this.#paint();
  }

  #up(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    this.#changed();
  }

  /** Boxes let the pen through, so the digit under the pointer is looked up. */
  #hover(event) {
    const { recognition } = this.#reading;
    if (!recognition || event.buttons) return;
    const scale = recognition.width / this.#size.width;
    const [x, y] = [event.offsetX * scale, event.offsetY * scale];
    const hit = this.#reading.digits.find(({ box }) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height);
    this.#reading.hover(hit ? hit.index : null);
  }

  #pointOf(event) {
    const bounds = this.#canvas.getBoundingClientRect();
    return { x: event.clientX - bounds.left, y: event.clientY - bounds.top, w: widthOf(this.pen, event.pointerType, event.pressure) };
  }

  #changed() {
    this.#paint();
    this.onchange();
    clearTimeout(this.#retry);
    keepInTab(KEPT, { size: this.#size, strokes: this.drawing.strokes, sequence: this.#sequence });
    const { isEmpty } = this.drawing;
    this.#hint.classList.toggle("gone", !isEmpty);
    if (isEmpty) {
      this.#reader.cancel();
      this.#reading.show(null);
    } else {
      if (this.#reading.recognition) this.#reading.outdate();
      else this.#reading.expect();
      this.#reader.submit(performance.now());
    }
  }

  async #read(began, signal) {
    const scale = Math.min(1, LONGEST_SIDE / Math.max(this.#size.width, this.#size.height));
    const copy = new Drawing();
    copy.strokes = structuredClone(this.drawing.strokes);
    copy.scale(scale);
    try {
      const picture = await toPng(copy, Math.round(this.#size.width * scale), Math.round(this.#size.height * scale));
      const recognition = await api.recognise(picture, { source: "canvas", sequence: this.#sequence, signal });
      if (!signal.aborted) this.#show(recognition, performance.now() - began);
    } catch (problem) {
      if (!signal.aborted) this.#failed(problem);
    }
  }

  /** While a stroke is under way nothing changes: half a digit reads as something else, and the next answer is near. */
  #show(recognition, roundTrip) {
    this.#live.remember(recognition);
    if (this.#pointer !== null) return;
    const { recognition: before } = this.#reading;
    if (before?.width === recognition.width && before.height === recognition.height) follow(before, recognition);
    this.#reading.show(recognition, roundTrip);
    announce(recognition.text ? `Read: ${recognition.text}` : "No digit found.");
  }

  /** What could not be read is read now. */
  reconnected() {
    if (this.#reading.problem && !this.drawing.isEmpty) this.#changed();
  }

  #failed(problem) {
    this.#reading.fail(problem);
    if (problem.retryAfter) this.#retry = setTimeout(() => this.#reader.submit(performance.now()), problem.retryAfter * 1000);
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width === 0 || (width === this.#size.width && height === this.#size.height)) return;
    const before = this.#size.width ? this.#size : this.#restored();
    if (before) this.drawing.scale(Math.min(width / before.width, height / before.height));
    this.#size = { width, height };
    const ratio = window.devicePixelRatio || 1;
    Object.assign(this.#canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    this.#paintNow();
    clearTimeout(this.#resized);
    if (this.drawing.isEmpty) return;
    this.#reading.outdate();
    this.#resized = setTimeout(() => this.#changed(), RESIZE_MS);
  }

  /** Take up the drawing that was here before a reload; answers the size of the sheet that it was on, if there is one. */
  #restored() {
    const { size, strokes, sequence } = keptInTab(KEPT) ?? {};
    if (!strokes?.length) return null;
    this.drawing.restore(strokes);
    this.#sequence = sequence;
    return size;
  }

  #paint() {
    this.#frame ||= requestAnimationFrame(() => this.#paintNow());
  }

  #paintNow() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const context = this.#canvas.getContext("2d");
    const ratio = this.#canvas.width / (this.#size.width || 1);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.#size.width, this.#size.height);
    paint(context, this.drawing, getComputedStyle(this.#canvas).color);
  }
}
