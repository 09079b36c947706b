// A picture that can be looked at closely: wheel, pinch, drag, double click, buttons and keys.

import { h } from "./dom.js";

const MOST = 12; // times the size at which it fits
const STEP = 1.4;
const CLOSE = 3; // where a double click goes
const DRAG_PX = 5; // less is a click on a box
const PAN_PX = 60;

/**
 * A frame in which `content` (laid out by its own size, in percent inside) is shown whole, or a part of it larger. Lines and
 * letters over the picture keep their size, for it is the picture's box that grows.
 */
export class Zoom {
  element;
  #content;
  #window = h("div", { class: "zoom-window", tabIndex: 0, role: "group", "aria-label": "Picture. Plus and minus zoom, F shows all, Shift and arrows move." });
  #level = h("output", { class: "zoom-level number" }, "100 %");
  #ratio = 1;
  #scale = 1;
  #x = 0; // of the content's corner in the window, in pixels
  #y = 0;
  #pointers = new Map();
  #moved = false;

  constructor(content) {
    this.#content = content;
    content.classList.add("zoom-content");
    this.#window.append(content);
    const button = (sign, label, run) => h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick: run }, sign);
    const controls = h("div", { class: "zoom-controls" }, button("−", "Zoom out", () => this.#zoomBy(1 / STEP)), this.#level, button("+", "Zoom in", () => this.#zoomBy(STEP)), h("button", { type: "button", class: "button quiet slim", onclick: () => this.fit() }, "Fit"));
    this.element = h("div", { class: "zoom" }, this.#window, controls);
    this.#listen();
    new ResizeObserver(() => this.#place()).observe(this.#window);
  }

  /** The picture has another shape: `ratio` is its width by its height. All of it is shown. */
  shape(ratio) {
    this.#ratio = ratio;
    this.fit();
  }

  fit() {
    this.#scale = 1;
    this.#place();
  }

  /** Bring what lies at the share (`x`, `y`) of the picture into sight, if it is not. */
  reveal(x, y) {
    const { width, height } = this.#size();
    const left = this.#x + x * width;
    const top = this.#y + y * height;
    if (left < 0 || left > this.#window.clientWidth) this.#x += this.#window.clientWidth / 2 - left;
    if (top < 0 || top > this.#window.clientHeight) this.#y += this.#window.clientHeight / 2 - top;
    this.#place();
  }

  #size() {
    const { clientWidth, clientHeight } = this.#window;
    const width = Math.min(clientWidth, clientHeight * this.#ratio) * this.#scale;
    return { width, height: width / this.#ratio };
  }

  #zoomBy(factor, at = this.#middle()) {
    const scale = Math.min(MOST, Math.max(1, this.#scale * factor));
    const grown = scale / this.#scale;
    this.#x = at.x - (at.x - this.#x) * grown;
    this.#y = at.y - (at.y - this.#y) * grown;
    this.#scale = scale;
    this.#place();
  }

  #middle() {
    return { x: this.#window.clientWidth / 2, y: this.#window.clientHeight / 2 };
  }

  #place() {
    const { width, height } = this.#size();
    this.#x = within(this.#x, width, this.#window.clientWidth);
    this.#y = within(this.#y, height, this.#window.clientHeight);
    const style = this.#content.style;
    style.width = `${width}px`;
    style.height = `${height}px`;
    style.translate = `${this.#x}px ${this.#y}px`;
    this.#level.textContent = `${Math.round(100 * this.#scale)} %`;
    this.element.classList.toggle("zoomed", this.#scale > 1);
  }

  #listen() {
    const on = (type, run, options) => this.#window.addEventListener(type, run, options);
    on("wheel", (event) => this.#wheel(event), { passive: false });
    on("dblclick", (event) => (this.#scale > 1 ? this.fit() : this.#zoomBy(CLOSE, this.#pointOf(event))));
    on("keydown", (event) => this.#key(event));
    on("pointerdown", (event) => this.#down(event));
    on("pointermove", (event) => this.#move(event));
    for (const type of ["pointerup", "pointercancel"]) on(type, (event) => this.#pointers.delete(event.pointerId));
    on("click", (event) => this.#moved && event.detail && event.stopPropagation(), { capture: true }); // the end of a drag is no click on a box; a key's is one
    on("dragstart", (event) => event.preventDefault());
  }

  #wheel(event) {
    if (event.deltaY > 0 && this.#scale === 1) return; // nothing to zoom out of: the page scrolls
    event.preventDefault();
    this.#zoomBy(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), this.#pointOf(event));
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const pan = (x, y) => () => { this.#x += x * PAN_PX; this.#y += y * PAN_PX; this.#place(); };
    const moves = event.shiftKey ? { ArrowLeft: pan(1, 0), ArrowRight: pan(-1, 0), ArrowUp: pan(0, 1), ArrowDown: pan(0, -1) } : {};
    const act = { "+": () => this.#zoomBy(STEP), "=": () => this.#zoomBy(STEP), "-": () => this.#zoomBy(1 / STEP), f: () => this.fit(), F: () => this.fit(), ...moves }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  #down(event) {
    if (event.button !== 0) return;
    this.#moved = false;
    this.#pointers.set(event.pointerId, this.#pointOf(event));
  }

  /** One pointer moves the picture, two also scale it. */
  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const now = this.#pointOf(event);
    if (!this.#moved && distance(before, now) < DRAG_PX) return;
    if (!this.#moved) this.#window.setPointerCapture(event.pointerId);
    this.#moved = true;
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, now);
    const share = other ? 0.5 : 1; // of two fingers each moves the middle by half its way
    this.#x += share * (now.x - before.x);
    this.#y += share * (now.y - before.y);
    if (other) this.#zoomBy(distance(now, other) / Math.max(1, distance(before, other)), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    else this.#place();
  }

  #pointOf(event) {
    const bounds = this.#window.getBoundingClientRect();
    return { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
  }
}

const distance = (one, other) => Math.hypot(one.x - other.x, one.y - other.y);

/** Where the corner of `length` may lie in a window of `room`: centred if it is smaller, without gaps if it is larger. */
function within(corner, length, room) {
  if (length <= room) return (room - length) / 2;
  return Math.min(0, Math.max(room - length, corner));
}
