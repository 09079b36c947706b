// "How it was read": a picture of each step for one's own image, with the settings beside it, live.

import * as api from "./api.js";
import { createControls } from "./controls.js";
import { h, problemCard } from "./dom.js";
import { milliseconds, plural } from "./format.js";
import { imageOf, rememberImage } from "./images.js";
import { latestWins } from "./latest.js";
import { remainsOf } from "./remains.js";
import { style } from "./style.js";
import { createViewer } from "./viewer.js";

const SETTLE_MS = 120; // a slider that is still moving is not read at every pixel

/**
 * Open the view.
 * @param {import("./reading.js").Reading|null} reading whose picture is looked at, or what is left of it; null: the
 *   settings alone
 */
export async function openSteps(reading = null) {
  const recognition = reading?.recognition ?? null;
  const image = recognition && (await imageOf(recognition.id));
  if (recognition && !image) return openRemains(recognition);
  const viewer = createViewer({ title: image ? "How it was read" : "My style", name: "steps", wide: Boolean(image) });
  const waiting = h("p", { class: "empty" }, "Asking for the settings…");
  viewer.body.append(waiting);
  viewer.open();
  try {
    const description = await api.profile();
    waiting.remove();
    if (viewer.isOpen) new Look(viewer, description, image, reading);
  } catch (problem) {
    viewer.fail(problem);
  }
}

function openRemains(recognition) {
  const viewer = createViewer({ title: "How it was read", name: "steps" });
  viewer.body.append(remainsOf(recognition));
  viewer.open();
}

/** Settings and, if there is an image, what reading it with them leaves. */
class Look {
  #viewer;
  #image;
  #reading;
  #pictures;
  #controls;
  #footer;
  #changes = { ...style.values };
  #newest = null; // {recognition, roundTrip, asked} of the last answer
  #of; // whose picture it is, as long as the panel behind shows that reading
  #adopt = false; // whether the panel behind is to show what these settings read
  #timer = 0;
  #reader = latestWins((asked, signal) => this.#look(asked, signal));

  constructor(viewer, description, image, reading) {
    this.#viewer = viewer;
    this.#image = image;
    this.#reading = reading;
    this.#of = reading?.recognition?.id;
    this.#pictures = image && createPictures();
    this.#controls = createControls(description, this.#changes, (changes) => this.#change(changes));
    this.#footer = createFooter({ reset: () => this.#reset(), keep: () => this.#keep() });
    this.#footer.update(this.#changes);
    const aside = h("section", { class: "tuning", "aria-label": "Settings" }, h("h3", {}, "Settings"), this.#controls.element, this.#footer.element);
    viewer.body.append(...[this.#pictures?.element, aside].filter(Boolean));
    viewer.onclose(() => this.#close());
    this.#read(0);
  }

  /** The settings as the gateway takes them. */
  get #query() {
    return Object.keys(this.#changes).length ? JSON.stringify(this.#changes) : null;
  }

  #change(changes) {
    this.#changes = changes;
    this.#footer.update(changes);
    this.#read(SETTLE_MS);
  }

  #reset() {
    this.#controls.set({});
    this.#change({});
  }

  #keep() {
    style.keep(this.#changes);
    this.#footer.update(this.#changes);
    this.#viewer.say(style.isSet ? "Kept: this page reads with your style from now on." : "This page reads as usual again.");
    this.#adopt = Boolean(this.#image);
    this.#settle();
  }

  #read(wait) {
    if (!this.#image) return;
    this.#pictures.outdate();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#reader.submit(this.#query), wait);
  }

  async #look(asked, signal) {
    const began = performance.now();
    try {
      const source = this.#reading.recognition?.source ?? "upload";
      const recognition = await api.recognise(this.#image, { source, signal, profile: asked, steps: true });
      const { steps } = await api.steps(recognition.id, signal);
      if (signal.aborted) return;
      this.#newest = { recognition, roundTrip: performance.now() - began, asked };
      this.#pictures.show(this.#newest, steps, asked === this.#query);
      this.#settle();
    } catch (problem) {
      if (!signal.aborted) this.#pictures.fail(problem);
    }
  }

  /** Once kept settings have been read with, the panel behind shows that reading. */
  #settle() {
    if (!this.#adopt || this.#newest?.asked !== this.#query) return;
    this.#adopt = false;
    const { recognition, roundTrip } = this.#newest;
    rememberImage(recognition.id, this.#image);
    if (this.#reading.recognition?.id !== this.#of) return; // another picture has come behind the view
    this.#of = recognition.id;
    this.#reading.show(recognition, roundTrip);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#reader.cancel();
  }
}

/** The steps as figures, each with what happened in it; a click makes one as wide as the view. */
function createPictures() {
  const head = h("p", { class: "steps-head", role: "status" }, "Reading…");
  const list = h("ol", { class: "steps-list" });
  const element = h("section", { class: "steps-pictures", "aria-label": "Steps" }, head, list);
  let large = null;
  const figure = (step, number) => {
    const picture = h("img", { src: `data:image/png;base64,${step.picture}`, width: step.width, height: step.height, alt: `${step.title}: ${step.sentence}` });
    const button = h("button", { type: "button", "aria-pressed": String(large === step.name), title: "Larger or smaller", dataset: { step: step.name }, onclick: () => {
      large = large === step.name ? null : step.name;
      for (const each of list.querySelectorAll("button")) each.setAttribute("aria-pressed", String(each.dataset.step === large));
    } }, picture);
    return h("li", {}, h("figure", {}, h("figcaption", {}, h("b", {}, `${number + 1}. ${step.title}`), h("span", {}, step.sentence)), button));
  };
  return {
    element,
    outdate: () => element.classList.add("stale"),
    show({ recognition, roundTrip }, steps, isNewest) {
      element.classList.toggle("stale", !isNewest);
      const focused = list.contains(document.activeElement) ? document.activeElement.dataset.step : null;
      head.replaceChildren(h("b", {}, recognition.text?.replaceAll("\n", " · ") || "nothing"), ` ${plural(recognition.digits.length, "digit")}, ${milliseconds(roundTrip)}`);
      list.replaceChildren(...steps.map(figure));
      if (focused) list.querySelector(`[data-step="${focused}"]`)?.focus({ preventScroll: true });
    },
    fail(problem) {
      element.classList.remove("stale");
      head.replaceChildren(problemCard(problem));
    },
  };
}

/** What becomes of the settings. */
function createFooter({ reset, keep }) {
  const state = h("p", { class: "small soft" });
  const resetting = h("button", { type: "button", class: "button slim", onclick: reset }, "Reset");
  const keeping = h("button", { type: "button", class: "button slim primary", onclick: keep }, "Keep as my style");
  return {
    element: h("div", { class: "tuning-foot" }, state, resetting, keeping),
    update(changes) {
      const count = Object.keys(changes).length;
      const kept = JSON.stringify(sorted(changes)) === JSON.stringify(sorted(style.values));
      resetting.disabled = count === 0;
      keeping.disabled = kept;
      keeping.textContent = count === 0 && style.isSet ? "Read as usual again" : "Keep as my style";
      state.textContent = stateOf(count, kept);
    },
  };
}

function stateOf(count, kept) {
  if (kept) return count === 0 ? "All as usual." : `${plural(count, "setting")} of your style, sent with every reading of this page.`;
  return count === 0 ? "All as usual here; the page still reads with your style." : `${plural(count, "setting")} changed, for this view only.`;
}

function sorted(values) {
  return Object.entries(values).sort(([one], [other]) => one.localeCompare(other));
}
