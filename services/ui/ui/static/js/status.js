// The strip under the masthead: connection, model server, queue, recognizers, speed, training. And what is wrong.

import { h, problemCard } from "./dom.js";
import { milliseconds, plural } from "./format.js";
import { shareOf, underWay } from "./training.js";

const CONNECTION = { live: "Live", connecting: "Connecting…", lost: "Connection lost, trying again…" };

/** Fill `strip` and `banner`, and keep them true. */
export function createStatus({ live, strip, banner }) {
  live.on(["connection", "system", "models", "trainings"], () => {
    strip.replaceChildren(h("dl", {}, items(live)));
    showTrouble(banner, troubleOf(live));
    document.getElementById("version").textContent = live.system ? `version ${live.system.version}` : "";
  });
}

function items(live) {
  const { connection, system, trainings } = live;
  const training = trainings.find(underWay);
  return [
    item(null, dot(connection), h("span", { id: "connection" }, CONNECTION[connection])),
    ...(system && connection !== "lost" ? systemItems(system) : []),
    training && item("Training", h("a", { href: "#/models", class: "meter", "aria-label": "Training under way" }, h("i", { style: { "--share": `${100 * shareOf(training)}%` } })), `${Math.round(100 * shareOf(training))} %`),
    system && connection !== "lost" && h("div", { class: "last" }, h("dt", {}, "Typical reading"), h("dd", {}, milliseconds(system.latency_ms.p50))),
  ];
}

function systemItems({ serving, pending_images: pending, workers, images_per_second: rate }) {
  const readers = workers.filter(({ queues }) => queues.includes("interactive"));
  return [
    item("Model in traffic", dot(serving.reachable ? "good" : "bad"), serving.reachable ? `version ${serving.stable ?? "–"}` : "server away"),
    item("Queue", plural(pending, "image")),
    item("Recognizers", dot(readers.length ? "good" : "bad"), readers.length),
    rate > 0 && item("Rate", `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`),
  ];
}

function item(name, ...value) {
  return h("div", {}, h("dt", { class: name ? "" : "visually-hidden" }, name ?? "Connection"), value.map((one) => (one instanceof Node && one.classList.contains("dot") ? one : h("dd", {}, one))));
}

function dot(state) {
  return h("i", { class: "dot", dataset: { state }, "aria-hidden": "true" });
}

/** What keeps images from being read, and what to do about it; null if nothing does. */
function troubleOf({ connection, problem, system }) {
  if (connection === "lost") return problem;
  if (!system) return null;
  if (!system.serving.reachable) {
    return { title: "The model server does not answer", detail: "Images wait until it does. Start it (make up, or docker compose up -d serving), or look at its log." };
  }
  if (!system.workers.some(({ queues }) => queues.includes("interactive"))) {
    return { title: "No recognizer is running", detail: "Images wait in the queue until one is. Start it (make up, or docker compose up -d recognizer)." };
  }
  return null;
}

function showTrouble(banner, trouble) {
  const text = trouble ? `${trouble.title}\n${trouble.detail}` : "";
  if (banner.dataset.text === text) return; // an alert is spoken when it changes, and only then
  banner.dataset.text = text;
  banner.replaceChildren(...(trouble ? [problemCard(trouble)] : []));
  banner.hidden = !trouble;
}
