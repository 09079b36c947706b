// Retraining: start it, watch it, stop it.

import * as api from "./api.js";
import { h, problemCard, svg, toast } from "./dom.js";
import { accuracy, ago } from "./format.js";

const PHASES = { load: "Loading data", train: "Training", evaluate: "Measuring", export: "Writing the model", promote: "Taking the traffic" };
const ENDS = { done: "done", rejected: "no better than the model in traffic", failed: "failed", cancelled: "cancelled" };

const TRAINING_SHARE = 0.95; // of the whole; measuring, writing and promoting take the rest

export const underWay = ({ status }) => status === "queued" || status === "running";

/** How much of a training is done, in [0, 1]. */
export function shareOf({ status, progress }) {
  if (!underWay({ status })) return 1;
  if (!progress || !progress.steps || progress.phase === "load") return 0;
  return TRAINING_SHARE * (progress.phase === "train" ? Math.min(1, progress.step / progress.steps) : 1);
}

/** The card that starts a retrain and follows it. */
export function createTraining({ live }) {
  const form = trainForm(live);
  const now = h("div", { class: "now" });
  const past = h("ol", { class: "past", "aria-label": "Earlier trainings" });
  live.on("trainings", () => {
    const current = live.trainings.find(underWay);
    form.querySelector("[type=submit]").disabled = Boolean(current);
    now.replaceChildren(...(current ? [progress(current)] : []));
    past.replaceChildren(...live.trainings.filter((training) => !underWay(training)).slice(0, 5).map(pastItem));
  });
  return h("section", { class: "train card", "aria-labelledby": "train-title" },
    h("div", {}, h("h2", { id: "train-title" }, "Retrain"), h("p", { class: "small soft" }, "Learns from the data and from every correction. Readings go on meanwhile.")),
    form, now, past);
}

function trainForm(live) {
  const number = (name, label, props) => h("label", { class: "field" }, label, h("input", { type: "number", name, ...props }));
  const tick = (name, label) => h("label", { class: "check full" }, h("input", { type: "checkbox", name, checked: true }), label);
  const form = h("form", {},
    number("epochs", "Passes over the data", { min: 1, max: 100, value: 3, required: true }),
    number("limit", "Images (empty: all)", { min: 256, max: 60000, placeholder: "60000" }),
    tick("fine_tune", "Start from the model in traffic"),
    tick("promote", "Put it into traffic if it is as good"),
    h("button", { type: "submit", class: "button primary full" }, "Retrain the model"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    start(form, live);
  });
  return form;
}

async function start(form, live) {
  const fields = form.elements;
  const request = { epochs: Number(fields.epochs.value), fine_tune: fields.fine_tune.checked, promote: fields.promote.checked };
  if (fields.limit.value) request.limit = Number(fields.limit.value);
  try {
    live.takeTraining(await api.train(request));
  } catch (problem) {
    toast(`${problem.title}. ${problem.detail}`);
  }
}

function progress(training) {
  const { progress: at, status } = training;
  const share = shareOf(training);
  const phase = status === "queued" ? "Waiting for the trainer" : PHASES[at?.phase] ?? "Starting";
  const fact = (name, value) => value !== null && value !== undefined && h("div", {}, h("dt", {}, name), h("dd", {}, value));
  return h("div", { class: "progress" },
    h("header", {}, h("strong", {}, phase), h("button", { type: "button", class: "button slim", onclick: () => stop(training) }, "Cancel")),
    h("div", { class: "meter", role: "progressbar", "aria-label": "Training", "aria-valuenow": Math.round(100 * share), "aria-valuemin": 0, "aria-valuemax": 100 }, h("i", { style: { "--share": `${100 * share}%` } })),
    at && h("dl", {},
      fact("Pass", at.epochs && `${at.epoch} of ${at.epochs}`),
      fact("Step", at.steps ? `${at.step} of ${at.steps}` : null),
      fact("Loss", at.loss?.toFixed(4)),
      fact("Accuracy", at.accuracy && accuracy(at.accuracy)),
      fact("On held-back images", at.validation_accuracy && accuracy(at.validation_accuracy))),
    curve(training.history));
}

/** Accuracy on the held-back images, pass by pass. */
function curve(history) {
  const values = history.map((entry) => entry.validation_accuracy).filter((value) => value !== null && value !== undefined);
  if (values.length < 2) return null;
  const low = Math.min(...values);
  const high = Math.max(...values, low + 1e-4);
  const points = values.map((value, i) => `${(100 * i) / (values.length - 1)},${40 - (36 * (value - low)) / (high - low)}`).join(" ");
  const label = `Accuracy on held-back images by pass: from ${accuracy(values[0])} to ${accuracy(values.at(-1))}`;
  return h("figure", {}, svg("svg", { class: "curve", viewBox: "0 0 100 42", preserveAspectRatio: "none", role: "img", "aria-label": label }, svg("line", { x1: 0, x2: 100, y1: 41, y2: 41 }), svg("polyline", { points })), h("figcaption", { class: "small soft" }, label));
}

async function stop({ id }) {
  try {
    await api.cancelTraining(id);
  } catch (problem) {
    toast(`${problem.title}. ${problem.detail}`);
  }
}

function pastItem(training) {
  const result = training.version ? `version ${training.version}` : ENDS[training.status];
  const end = training.version && training.status !== "done" ? `${result}, ${ENDS[training.status]}` : result;
  const what = h("span", {}, end, training.metrics && ` · ${accuracy(training.metrics.validation_accuracy)}`);
  return h("li", {}, what, h("span", { class: "soft" }, ago(training.ended_at ?? training.created_at)), training.error && problemCard(training.error));
}
