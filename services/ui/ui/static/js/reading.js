// A recognition on the page: which digit is looked at, and what the person has corrected.

import * as api from "./api.js";
import { note, originOf, saidOf, textWithCorrections } from "./corrections.js";
import { announce, openDialog, toast } from "./dom.js";

const named = (label) => (label === null ? "not a digit" : `a ${label}`);

/**
 * One recognition as several parts of the page see it (boxes, text, details). Fires `change`.
 * `shown` is the digit that is looked at: the one under the pointer, else the chosen one, else the least sure.
 */
export class Reading extends EventTarget {
  recognition = null;
  problem = null;
  roundTrip = null;
  stale = false;
  busy = false; // the first answer is awaited
  #chosen = null;
  #hovered = null;

  /** @param {object|null} recognition  @param {number|null} roundTrip milliseconds that this page has waited */
  show(recognition, roundTrip = null) {
    Object.assign(this, { recognition, roundTrip, problem: null, stale: false, busy: false });
    this.#chosen = this.#hovered = null;
    this.#changed();
  }

  /** A new picture is being read. */
  expect() {
    this.show(null);
    this.busy = true;
    this.#changed();
  }

  fail(problem) {
    this.busy = false;
    this.problem = problem;
    this.#changed();
  }

  /** The picture has changed since: what is shown belongs to an older one. */
  outdate() {
    this.stale = true;
    this.#changed();
  }

  get digits() {
    return this.recognition?.digits ?? [];
  }

  get shown() {
    return this.#hovered ?? this.#chosen ?? this.#leastSure();
  }

  /** The digit that the person points at or has chosen, if any. */
  get marked() {
    return this.#hovered ?? this.#chosen;
  }

  get chosen() {
    return this.#chosen;
  }

  hover(index) {
    if (this.#hovered === index) return;
    this.#hovered = index;
    this.#changed();
  }

  choose(index) {
    this.#chosen = index;
    this.#changed();
  }

  /** Choose the neighbour in reading order. */
  step(by) {
    if (this.digits.length === 0) return;
    const from = this.#chosen ?? (by > 0 ? -1 : 0);
    this.choose((from + by + this.digits.length) % this.digits.length);
  }

  /** What the person says digit `index` is: a label, null for no digit, undefined if they said nothing. */
  correctionOf(index) {
    return this.recognition ? saidOf(this.recognition.id, index) : undefined;
  }

  /** The text as it stands with the corrections. */
  get text() {
    return this.recognition ? textWithCorrections(this.recognition) : "";
  }

  /** Say what digit `index` really is; null means that it is no digit. */
  async correct(index, label) {
    const { recognition } = this;
    const read = recognition.digits[index].digit;
    this.choose(index); // now: when the answer comes, the person may be at another digit
    const before = await this.#save(recognition, index, label, "Not saved.");
    if (before === null) return;
    announce(`Saved: ${named(label)}.`);
    if (label === read) toast(`Noted: the ${read} is right.`);
    else toast(`Noted: ${named(label)}, not a ${read}. The next retrain learns from it.`, { label: "Undo", run: () => this.#takeBack(recognition, index, before.label) });
  }

  /** Digit `index` is again what it was said to be `before`, or what it was read as if nothing was said. */
  async #takeBack(recognition, index, before) {
    const { digit: read } = recognition.digits[index];
    const label = before === undefined ? read : before;
    if (await this.#save(recognition, index, label, "Not undone.")) toast(`Undone: ${before === undefined ? `a ${read}, as it was read` : `${named(label)} again`}.`);
  }

  /** Have the gateway keep `label`; answers `{label}` as it was before, or null where that failed, which the person is told. */
  async #save(recognition, index, label, failure) {
    const origin = originOf(recognition.id, index);
    try {
      await api.correct(origin.id, origin.index, label);
    } catch (problem) {
      toast(`${failure} ${problem.detail || problem.message}`);
      return null;
    }
    const before = saidOf(recognition.id, index);
    note(recognition.id, index, label === recognition.digits[index].digit ? undefined : label);
    this.#changed();
    return { label: before };
  }

  #leastSure() {
    if (this.digits.length === 0) return null;
    return this.digits.reduce((least, digit) => (digit.confidence < least.confidence ? digit : least)).index;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * Keys of a view that holds a reading, wherever in it the focus is and no dialog is over it: arrows choose, 0–9 correct,
 * x says "not a digit", and what is copied is the text.
 */
export function bindKeys(element, reading) {
  bindCopy(element, reading);
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (!element.isConnected || openDialog() || !(target === document.body || element.contains(target))) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || target.matches("input, select, textarea")) return;
    const act = actionFor(event.key, reading);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/** What is copied is the text, unless something else is selected. */
function bindCopy(element, reading) {
  document.addEventListener("copy", (event) => {
    const { anchorNode, isCollapsed } = getSelection();
    if (openDialog()) return;
    const isElsewhere = !isCollapsed && !anchorNode.parentElement?.closest(".reading-text");
    if (!element.isConnected || isElsewhere || !reading.text || reading.problem || event.target.matches?.("input, textarea")) return;
    event.clipboardData.setData("text/plain", reading.text);
    event.preventDefault();
  });
}

function actionFor(key, reading) {
  if (reading.shown === null || reading.problem) return null;
  if (/^[0-9]$/.test(key)) return () => reading.correct(reading.shown, Number(key));
  const actions = {
    ArrowRight: () => reading.step(1),
    ArrowLeft: () => reading.step(-1),
    x: () => reading.correct(reading.shown, null),
    Escape: () => reading.choose(null),
  };
  return actions[key] ?? null;
}
