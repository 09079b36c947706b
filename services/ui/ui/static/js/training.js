// Retraining: start it, watch it, stop it, start it again.

import * as api from "./api.js";
import { createCurves, noteProgress, pointsOf } from "./curves.js";
import { h, problemCard, setChildren, tried } from "./dom.js";
import { accuracy, ago } from "./format.js";

const PHASES = { load: "Loading data", train: "Training", evaluate: "Measuring", export: "Writing the model", promote: "Taking the traffic" };
const ENDS = { done: "done", rejected: "no better than the model in traffic", failed: "failed", cancelled: "cancelled" };
const PAST = 6;

const TRAINING_SHARE = 0.95; // of the whole; measuring, writing and promoting take the rest

export const underWay = ({ status }) => status === "queued" || status === "running";

/** How much of a training is done, in [0, 1]. */
export function shareOf({ status, progress }) {
  if (!underWay({ status })) return 1;
  if (!progress || !progress.steps || progress.phase === "load") return 0;
  return TRAINING_SHARE * (progress.phase === "train" ? Math.min(1, progress.step / progress.steps) : 1);
}

/** How much of the present pass is done, in [0, 1]. */
function passShareOf({ step, steps, epochs }) {
  const passes = (epochs * step) / steps;
  return step >= steps ? 1 : passes - Math.floor(passes);
}

/** The card that starts a retrain and follows it, whoever started it. */
export function createTraining({ live }) {
  const form = trainForm(live);
  const now = createNow();
  const past = h("ol", { class: "past", "aria-label": "Earlier trainings" });
  const tour = createTour();
  const items = new Map();
  live.on("trainings", () => {
    const current = live.trainings.find(underWay);
    live.trainings.filter(underWay).forEach(noteProgress);
    form.querySelector("[type=submit]").disabled = Boolean(current);
    now.update(current);
    const ended = live.trainings.filter((training) => !underWay(training)).slice(0, PAST);
    for (const training of ended) if (items.get(training.id)?.status !== training.status) items.set(training.id, { status: training.status, element: pastItem(training, live) });
    tour.hidden = live.trainings.length > 0;
    setChildren(past, ended.map(({ id }) => items.get(id).element));
  });
  return h("section", { class: "train card", "aria-labelledby": "train-title" },
    h("div", {}, h("h2", { id: "train-title" }, "Retrain"), h("p", { class: "small soft" }, "Learns from the data and from every correction. Readings go on meanwhile.")),
    form, tour, now.element, past);
}

const STAGES = [
  ["It learns", "from 55,000 digits of MNIST, from handwriting fonts and from what people have corrected, beside the readings, which go on."],
  ["It is measured", "on digits that it has not learnt from. You watch loss and accuracy here as they come, pass by pass."],
  ["It has to be as good", "as the model in traffic on those held-back digits; else the traffic stays where it is."],
  ["It takes the traffic", "without a reading lost: loaded beside the old one, which stays, so that going back takes an instant."],
];

/** What a retrain is, for whoever has not seen one yet. */
function createTour() {
  return h("ol", { class: "retrain-tour", "aria-label": "What a retrain does" }, STAGES.map(([title, words], number) => h("li", {}, h("b", { "aria-hidden": "true" }, number + 1), h("p", {}, h("strong", {}, title), ` ${words}`))));
}

function trainForm(live) {
  const number = (name, label, props) => h("label", { class: "field" }, label, h("input", { type: "number", name, ...props }));
  const tick = (name, label) => h("label", { class: "check full" }, h("input", { type: "checkbox", name, checked: true }), label);
  const form = h("form", {},
    number("epochs", "Passes over the data", { min: 1, max: 100, value: 3, required: true }),
    number("limit", "Images (empty: all)", { min: 256, max: 60000, placeholder: "55000" }),
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
  await tried(async () => live.takeTraining(await api.train(request)));
}

/** The training under way: phase, two meters, numbers and curves; its button stays the same while events arrive. */
function createNow() {
  const phase = h("strong");
  const whole = meter("Training");
  const pass = meter("This pass");
  const facts = h("dl");
  const curves = createCurves();
  let current = null;
  const cancel = h("button", { type: "button", class: "button slim", onclick: () => tried(() => api.cancelTraining(current.id)) }, "Cancel");
  const element = h("div", { class: "progress", hidden: true }, h("header", {}, phase, cancel), whole.element, pass.element, facts, curves.element);
  return {
    element,
    update(training) {
      current = training;
      element.hidden = !training;
      if (!training) return;
      const { progress: at, status } = training;
      phase.textContent = status === "queued" ? "Waiting for the trainer" : PHASES[at?.phase] ?? "Starting";
      whole.update(shareOf(training));
      const inPass = at?.phase === "train" && at.steps;
      pass.element.hidden = !inPass;
      if (inPass) pass.update(passShareOf(at), `pass ${Math.min(at.epochs, Math.floor((at.epochs * at.step) / at.steps) + 1)} of ${at.epochs}`);
      facts.replaceChildren(...(at ? factsOf(at) : []));
      curves.element.hidden = status === "queued" || !at?.steps;
      curves.update(training);
    },
  };
}

function meter(name) {
  const bar = h("i");
  const words = h("span", { class: "small soft" });
  const track = h("div", { class: "meter", role: "progressbar", "aria-label": name, "aria-valuemin": 0, "aria-valuemax": 100 }, bar);
  return {
    element: h("div", { class: "meter-row" }, track, words),
    update(share, text = "") {
      const percent = Math.round(100 * share);
      track.setAttribute("aria-valuenow", percent);
      bar.style.setProperty("--share", `${100 * share}%`);
      words.textContent = [text, `${percent} %`].filter(Boolean).join(", ");
    },
  };
}

function factsOf(at) {
  const fact = (name, value) => value && h("div", {}, h("dt", {}, name), h("dd", {}, value));
  return [
    fact("Step", at.steps ? `${at.step.toLocaleString("en")} of ${at.steps.toLocaleString("en")}` : null),
    fact("Loss", at.loss?.toFixed(4)),
    fact("Accuracy", at.accuracy && accuracy(at.accuracy)),
    fact("On held-back images", at.validation_accuracy && accuracy(at.validation_accuracy)),
  ].filter(Boolean);
}

function pastItem(training, live) {
  const result = training.version ? `version ${training.version}` : ENDS[training.status];
  const end = training.version && training.status !== "done" ? `${result}, ${ENDS[training.status]}` : result;
  const what = h("span", {}, end, training.metrics && ` · ${accuracy(training.metrics.validation_accuracy)}`);
  const again = (training.status === "failed" || training.status === "cancelled")
    && h("button", { type: "button", class: "button slim", onclick: () => tried(async () => live.takeTraining(await api.retryTraining(training.id))) }, "Start again");
  return h("li", {}, h("div", { class: "past-head" }, what, h("span", { class: "soft" }, ago(training.ended_at ?? training.created_at)), again),
    training.error && problemCard(training.error), pointsOf(training).length > 1 && pastCurves(training));
}

/** The curves of an ended training; drawn when they are asked for. */
function pastCurves(training) {
  const details = h("details", {}, h("summary", { class: "small" }, "Curves"));
  details.addEventListener("toggle", () => {
    if (!details.open || details.children.length > 1) return;
    const curves = createCurves();
    details.append(curves.element);
    curves.update(training);
  });
  return details;
}
