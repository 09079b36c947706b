// Snapshots of the camera that this page has kept: small pictures in a row, to open, correct and save.

import { annotated, download } from "./annotate.js";
import { h, icon } from "./dom.js";

/** A kept picture and how it was read. */
class Snapshot {
  recognition = null;
  problem = null;
  roundTrip = null;

  constructor(picture, number) {
    this.number = number;
    this.picture = picture;
    this.url = URL.createObjectURL(picture);
    this.label = h("b", {}, "…");
    this.element = h("button", { type: "button", class: "file", "aria-pressed": "false", "aria-label": `Snapshot ${number}` },
      h("span", { class: "thumb" }, h("img", { src: this.url, alt: "" })), this.label, h("small", {}, new Date().toLocaleTimeString()));
  }

  take(recognition, roundTrip) {
    Object.assign(this, { recognition, roundTrip });
    this.#name(recognition.text.replaceAll("\n", " · ") || "no digits");
  }

  fail(problem) {
    this.problem = problem;
    this.element.dataset.state = "failed";
    this.#name(problem.title);
  }

  #name(text) {
    this.label.textContent = text;
    this.element.setAttribute("aria-label", `Snapshot ${this.number}: ${text}`);
  }
}

/**
 * The row of snapshots.
 * @param {{open: (snapshot: Snapshot) => void, reading: import("./reading.js").Reading}} options `reading` is the opened one
 */
export function createSnapshots({ open, reading }) {
  const row = h("div", { class: "files", role: "group", "aria-label": "Snapshots" });
  const save = h("button", { type: "button", class: "button slim", onclick: () => saveChosen() }, icon("download"), "Save with boxes");
  const element = h("section", { class: "snapshots", hidden: true, "aria-label": "Kept snapshots" }, h("header", {}, h("h2", {}, "Snapshots"), save), row);
  let count = 0;
  const snapshots = {
    element,
    chosen: null,
    add(picture) {
      const snapshot = new Snapshot(picture, ++count);
      snapshot.element.addEventListener("click", () => open(snapshot));
      row.prepend(snapshot.element);
      element.hidden = false;
      return snapshot;
    },
    choose(snapshot) {
      snapshots.chosen?.element.setAttribute("aria-pressed", "false");
      snapshots.chosen = snapshot;
      snapshot?.element.setAttribute("aria-pressed", "true");
      save.hidden = !snapshot?.recognition;
    },
  };
  async function saveChosen() {
    const { picture, recognition } = snapshots.chosen;
    download(await annotated(await createImageBitmap(picture), reading), `digitscribe-${recognition.text.replaceAll("\n", "-") || "snapshot"}.png`);
  }
  return snapshots;
}
