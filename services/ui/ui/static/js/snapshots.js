// Snapshots of the camera: small pictures in a row, to open, correct, save and delete; this browser keeps them.

import { annotated, download } from "./annotate.js";
import { inStore } from "./archive.js";
import { learnCorrections, textWithCorrections } from "./corrections.js";
import { ask } from "./dialog.js";
import { announce, h, icon, toast } from "./dom.js";
import { toCsv } from "./exporting.js";
import { plural } from "./format.js";
import { heldUp } from "./frames.js";
import { style } from "./style.js";

const UNKEPT = "This browser keeps nothing for this page (a private window, or no room): save the snapshots that you want to keep.";

/** A kept picture and how it was read. */
class Snapshot {
  key = null; // its place in the archive
  recognition = null;
  problem = null;
  roundTrip = null;
  profile = null; // the settings that it was read with
  busy = false; // it is being read
  labels = {}; // digit index → what the person said it is

  constructor({ picture, at = Date.now(), ...known }) {
    Object.assign(this, { picture, at, ...known });
    this.url = URL.createObjectURL(picture);
    this.label = h("b", {}, "…");
    this.element = h("button", { type: "button", class: "file", "aria-pressed": "false" },
      h("span", { class: "thumb" }, h("img", { src: this.url, alt: "" })), this.label, h("small", {}, this.#moment()));
    if (this.recognition) learnCorrections([this.recognition], this.#said());
    this.render();
  }

  /** It was read, with the settings `profile`. */
  take(recognition, roundTrip, profile) {
    Object.assign(this, { recognition, roundTrip, profile, problem: null, labels: {} });
    this.render();
  }

  fail(problem) {
    this.problem = problem;
    this.render();
  }

  get text() {
    return this.recognition ? textWithCorrections(this.recognition) : "";
  }

  /** What its files are called: what was read, and when. */
  get name() {
    return `digitscribe-${this.text.replaceAll("\n", "-") || "snapshot"}-${new Date(this.at).toISOString().slice(0, 19).replaceAll(":", "")}`;
  }

  get record() {
    const { key, picture, at, recognition, roundTrip, profile, labels } = this;
    return { picture, at, recognition, roundTrip, profile, labels, ...(key !== null && { key }) };
  }

  render() {
    if (this.problem) this.element.dataset.state = "failed";
    else delete this.element.dataset.state;
    const text = this.problem?.title ?? (this.recognition ? this.text.replaceAll("\n", " · ") || "no digits" : this.busy ? "…" : "not read yet");
    this.label.textContent = text;
    this.element.setAttribute("aria-label", `Snapshot of ${this.#moment()}: ${text}`);
  }

  #moment() {
    const taken = new Date(this.at);
    const time = taken.toLocaleTimeString();
    return taken.toDateString() === new Date().toDateString() ? time : `${taken.toLocaleDateString()}, ${time}`;
  }

  #said() {
    return Object.entries(this.labels).map(([index, label]) => ({ recognition_id: this.recognition.id, digit_index: Number(index), label }));
  }
}

/**
 * The row of snapshots, with those of earlier visits.
 * @param {{open: (snapshot: Snapshot) => void, read: (snapshot: Snapshot) => void, closed: () => void,
 *   reading: import("./reading.js").Reading}} options `reading` is the opened one's; `closed` is called when it was deleted
 */
export function createSnapshots({ open, read, closed, reading }) {
  const row = h("div", { class: "files", role: "group", "aria-label": "Snapshots" });
  const count = h("span", { class: "small soft number" });
  const button = (name, label, run) => h("button", { type: "button", class: "button slim", onclick: run }, name && icon(name), label);
  const ofChosen = h("div", { class: "acts", role: "group", "aria-label": "This snapshot" });
  const acts = {
    again: button("retry", "Read again", () => read(snapshots.chosen)),
    picture: button("download", "Picture", () => download(snapshots.chosen.picture, `${snapshots.chosen.name}.jpg`)),
    boxes: button("download", "With boxes", () => saveAnnotated(snapshots.chosen, reading)),
    remove: button("clear", "Delete", () => removeOne(snapshots.chosen)),
  };
  ofChosen.append(...Object.values(acts));
  const ofAll = h("div", { class: "acts", role: "group", "aria-label": "All snapshots" }, button("download", "CSV of all", () => saveTable(all)), button(null, "Delete all", () => removeAll()));
  const element = h("section", { class: "snapshots", hidden: true, "aria-label": "Kept snapshots" }, h("header", {}, h("h2", {}, "Snapshots ", count), ofChosen, ofAll), row);
  let all = []; // newest first
  const snapshots = {
    element,
    chosen: null,
    add(picture) {
      const snapshot = new Snapshot({ picture });
      put([snapshot, ...all]);
      snapshots.keep(snapshot);
      return snapshot;
    },
    /** Write down what is known of `snapshot` now. */
    async keep(snapshot) {
      snapshot.writing = (snapshot.writing ?? Promise.resolve()).then(() => write(snapshot)).catch(() => toast(UNKEPT));
      await snapshot.writing;
    },
    choose(snapshot) {
      snapshots.chosen?.element.setAttribute("aria-pressed", "false");
      snapshots.chosen = snapshot;
      snapshot?.element.setAttribute("aria-pressed", "true");
      ofChosen.hidden = !snapshot;
      acts.boxes.hidden = !snapshot?.recognition;
      acts.again.hidden = !snapshot || snapshot.busy || (!snapshot.problem && snapshot.profile === heldUp());
    },
  };

  async function write(snapshot) {
    if (!snapshot.gone) snapshot.key = await inStore("snapshots", "readwrite", (store) => store.put(snapshot.record));
  }

  function put(next) {
    all = next;
    for (const snapshot of all) snapshot.element.onclick = () => open(snapshot);
    row.replaceChildren(...all.map((snapshot) => snapshot.element));
    element.hidden = all.length === 0;
    count.textContent = all.length > 1 ? all.length : "";
  }

  async function forget(snapshot) {
    snapshot.gone = true;
    await snapshot.writing;
    URL.revokeObjectURL(snapshot.url);
    if (snapshot.key !== null) await inStore("snapshots", "readwrite", (store) => store.delete(snapshot.key));
  }

  async function removeOne(snapshot) {
    const at = all.indexOf(snapshot);
    put(all.filter((each) => each !== snapshot));
    const next = all[Math.min(at, all.length - 1)];
    if (next) open(next), next.element.focus();
    else closed();
    announce("Snapshot deleted.");
    const { key: _, ...record } = snapshot.record;
    await forget(snapshot);
    toast("Snapshot deleted.", { label: "Undo", run() {
      const again = new Snapshot(record);
      put([...all, again].sort((one, other) => other.at - one.at));
      snapshots.keep(again);
      open(again);
    } });
  }

  async function removeAll() {
    await ask({
      title: `Delete ${plural(all.length, "snapshot")}?`,
      action: "Delete all",
      fields: [h("p", {}, "They are kept in this browser only. What was read on them stays in the history.")],
      async run() {
        await Promise.all(all.map(forget)); // first: a page that is left right after must not find them again
        put([]);
        closed();
      },
    });
  }

  reading.addEventListener("change", () => {
    const { chosen } = snapshots;
    if (!chosen?.recognition || reading.recognition !== chosen.recognition) return;
    const labels = Object.fromEntries(reading.digits.map(({ index }) => [index, reading.correctionOf(index)]).filter(([, label]) => label !== undefined));
    if (JSON.stringify(labels) === JSON.stringify(chosen.labels)) return;
    chosen.labels = labels;
    chosen.render();
    snapshots.keep(chosen);
  });

  style.addEventListener("change", () => snapshots.choose(snapshots.chosen));
  snapshots.choose(null);
  kept().then((earlier) => earlier.length && put([...all, ...earlier]));
  return snapshots;
}

/** The snapshots of earlier visits, newest first. */
async function kept() {
  try {
    const records = await inStore("snapshots", "readonly", (store) => store.getAll());
    return records.reverse().map((record) => new Snapshot(record));
  } catch {
    return []; // this browser keeps nothing
  }
}

async function saveAnnotated(snapshot, reading) {
  download(await annotated(await createImageBitmap(snapshot.picture), reading), `${snapshot.name}-read.png`);
}

function saveTable(all) {
  const items = all.map((snapshot) => ({ name: `${snapshot.name}.jpg`, recognition: snapshot.recognition, problem: snapshot.problem, text: snapshot.text }));
  download(new Blob([toCsv(items)], { type: "text/csv" }), "digitscribe-snapshots.csv");
}
