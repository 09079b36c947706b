// What failed: images and trainings, each with what to do about it, and another try where one may help.

import * as api from "./api.js";
import { h, icon, setChildren, toast, tried } from "./dom.js";
import { ago, plural } from "./format.js";
import { isWorthRetrying } from "./retrying.js";

const SHOWN = 8;
const ASKED = 100;
const SOURCES = { canvas: "Drawn", upload: "Uploaded", webcam: "Webcam" };
const SETTLE_MS = 500;

/** The card of failures; `refresh` asks for them. */
export function createFailures({ live }) {
  const list = h("ol", { class: "failures", "aria-label": "What failed, newest first" });
  const all = h("button", { type: "button", class: "button slim", hidden: true }, "Read all again");
  const more = h("p", { class: "small soft", hidden: true });
  const element = h("section", { class: "card failed", "aria-labelledby": "failed-title" },
    h("header", {}, h("h2", { id: "failed-title" }, "Failed"), all), list, more);
  const none = nothing();
  let failed = [];
  let entries = new Map(); // by what failed and why: one that is there already stays, for it may have the focus
  let timer = 0;

  const render = () => {
    const trainings = live.trainings.filter(({ status }) => status === "failed");
    const entryOf = (one, make) => [keyOf(one), entries.get(keyOf(one)) ?? make()];
    entries = new Map([...failed.map((one) => entryOf(one, () => imageEntry(one, refresh))), ...trainings.map((one) => entryOf(one, () => trainingEntry(one, live)))]);
    const newest = [...entries.values()].sort((one, other) => other.at.localeCompare(one.at)).slice(0, SHOWN);
    for (const { tick } of newest) tick();
    setChildren(list, newest.length ? newest.map(({ element: item }) => item) : [none]);
    more.hidden = entries.size <= SHOWN;
    more.textContent = `and ${entries.size - SHOWN} older ones`;
    const again = failed.filter(({ error }) => isWorthRetrying(error));
    all.hidden = again.length < 2;
    all.textContent = `Read all ${again.length} again`;
  };
  const refresh = async () => {
    try {
      failed = await api.failedRecognitions(ASKED);
    } catch {
      return; // the strip tells of a lost connection
    }
    render();
  };
  all.addEventListener("click", () => retryAll(failed.filter(({ error }) => isWorthRetrying(error)), refresh));
  live.on("recognitions", () => {
    if (!element.isConnected || live.recognitions[0]?.status !== "failed") return;
    clearTimeout(timer);
    timer = setTimeout(refresh, SETTLE_MS);
  });
  live.on("trainings", render);
  return { element, refresh };
}

const keyOf = ({ id, error }) => `${id} ${JSON.stringify(error)}`;

function nothing() {
  return h("li", { class: "empty" }, h("strong", {}, "Nothing has failed"), h("p", {}, "What does is listed here, with the reason."));
}

function imageEntry(recognition, refresh) {
  const { error, created_at: at, source } = recognition;
  const retry = isWorthRetrying(recognition.error) && h("button", { type: "button", class: "button slim", onclick: (event) => retryOne(event.currentTarget, recognition, refresh) }, "Read again");
  return entry({ at, what: `${SOURCES[source] ?? "Image"}`, error, retry });
}

function trainingEntry(training, live) {
  const { error, created_at: at } = training;
  const retry = h("button", { type: "button", class: "button slim", onclick: (event) => retryTraining(event.currentTarget, training, live) }, "Train again");
  return entry({ at, what: "Training", error: error ?? { title: "Failed", detail: "" }, retry });
}

function entry({ at, what, error, retry }) {
  const time = h("time", { dateTime: at });
  const element = h("li", {}, icon("warning"),
    h("div", {}, h("strong", {}, error.title), h("p", {}, error.detail), h("p", { class: "small soft" }, what, " · ", time)),
    retry);
  return { at, element, tick: () => (time.textContent = ago(at)) };
}

async function retryOne(button, { id }, refresh) {
  button.disabled = true;
  await tried(() => api.retryRecognition(id), "It is read again.");
  await refresh();
  button.disabled = false;
}

async function retryTraining(button, { id }, live) {
  button.disabled = true;
  await tried(async () => live.takeTraining(await api.retryTraining(id)), "The training starts again.");
  button.disabled = false;
}

async function retryAll(recognitions, refresh) {
  const ends = await Promise.allSettled(recognitions.map(({ id }) => api.retryRecognition(id)));
  const lost = ends.filter(({ status }) => status === "rejected");
  toast(lost.length ? `${plural(lost.length, "image")} could not be read again. ${lost[0].reason.detail}` : `${plural(ends.length, "image")} are read again.`);
  refresh();
}
