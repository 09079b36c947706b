// How a training goes, as curves over its passes: loss, and accuracy on the training's and on held-back images.

import { createChart } from "./chart.js";
import { h } from "./dom.js";
import { accuracy } from "./format.js";
import { countAxis } from "./scale.js";

const KEPT = 600;

/** What this page has seen of running trainings between the ends of their passes: training id → points. */
const seen = new Map();

/** Take in a training's progress, for its curves: the record itself keeps the ends of passes only. */
export function noteProgress({ id, progress }) {
  if (progress?.phase !== "train" || !progress.steps || progress.loss === null || progress.loss === undefined) return;
  const points = seen.get(id) ?? [];
  const at = (progress.epochs * progress.step) / progress.steps;
  if (at > (points.at(-1)?.epoch ?? 0)) points.push({ epoch: at, loss: progress.loss, accuracy: progress.accuracy });
  seen.set(id, points.slice(-KEPT));
}

/** All points of a training in order: ends of passes from its record, and what was seen in between. */
export function pointsOf({ id, history }) {
  const ends = history.map(({ epoch, loss, accuracy: right, validation_accuracy: held }) => ({ epoch, loss, accuracy: right, held }));
  const between = (seen.get(id) ?? []).filter(({ epoch }) => ends.every((end) => Math.abs(end.epoch - epoch) > 0.01));
  return [...ends, ...between].sort((one, other) => one.epoch - other.epoch);
}

/** Two charts for one training after the other; `update` shows a training. */
export function createCurves() {
  const x = countAxis("Pass", "epoch");
  const loss = createChart({ title: "Loss", unit: "mean of the pass so far", x, format: (value) => value.toPrecision(3), tick: (value) => String(value), empty: "The first point comes with the first steps",
    series: [{ name: "Training", color: "--series-1", of: (point) => point.loss }] });
  const right = createChart({ title: "Read right", unit: "share of images", x, fromZero: false, most: 1, format: accuracy, tick: (value) => `${Number((100 * value).toFixed(2))} %`, empty: "The first point comes with the first steps",
    series: [{ name: "Training", color: "--series-1", of: (point) => point.accuracy }, { name: "Held-back", color: "--series-2", dash: "6 3", sparse: true, of: (point) => point.held }] });
  return {
    element: h("div", { class: "curves" }, loss.element, right.element),
    update(training) {
      const domain = [0, Math.max(1, training.request.epochs)];
      const points = pointsOf(training);
      loss.update(points, domain);
      right.update(points, domain);
    },
  };
}
