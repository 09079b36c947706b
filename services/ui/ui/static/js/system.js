// The whole system: what it does now, how it went over the last hour, who works, and what failed.

import * as api from "./api.js";
import { createChart } from "./chart.js";
import { h } from "./dom.js";
import { createFailures } from "./failures.js";
import { ago, milliseconds, plural } from "./format.js";
import { timeAxis } from "./scale.js";

const HOUR = 60;
const RANGES = { 10: "10 min", 30: "30 min", 60: "1 h" };
const NEWS_MINUTES = 2; // what is asked for again and again; the rest of the hour stays as it is
const RETRY_MS = 3000;

/** The view of the system. It asks for the history only while it is on screen. */
export function createSystem({ live }) {
  const range = createRange((minutes) => charts.show(minutes));
  const charts = createCharts((reach) => range.suit(reach));
  const failures = createFailures({ live });
  const tiles = h("dl", { class: "tiles card" });
  const workers = h("section", { class: "card workers", "aria-labelledby": "workers-title" });
  live.on("system", () => {
    tiles.replaceChildren(...(live.system ? tilesOf(live.system) : []));
    workers.replaceChildren(h("h2", { id: "workers-title" }, "Workers"), ...workersOf(live.system));
  });
  const head = h("div", { class: "view-head" },
    h("div", {}, h("h1", {}, "System"), h("p", {}, "What it reads, how long that takes, what waits, and who works.")),
    range.element);
  const element = h("div", { class: "view system" }, head, tiles, charts.element, h("div", { class: "system-lists" }, workers, failures.element));
  const wake = () => (document.hidden || !element.isConnected ? charts.rest() : charts.follow());
  document.addEventListener("visibilitychange", wake);
  return {
    element,
    title: "System",
    shown: () => {
      charts.follow();
      failures.refresh();
    },
    hidden: () => charts.rest(),
  };
}

function tilesOf({ images_per_second: rate, latency_ms: latency, pending_images: waiting, max_pending_images: most, workers, failed_recently: failed, serving }) {
  const readers = workers.filter(({ queues }) => queues.includes("interactive")).length;
  return [
    tile("Images a second", rate < 10 ? rate.toFixed(1) : Math.round(rate), "over the last minute"),
    tile("Half are read within", milliseconds(latency.p50), `of ${plural(latency.count, "reading")}, last minute`),
    tile("95 % within", milliseconds(latency.p95), `99 % within ${milliseconds(latency.p99)}`),
    tile("Waiting", plural(waiting, "image"), `room for ${most.toLocaleString("en")}`),
    tile("Recognizers", readers, readers ? `${workers.filter(({ queues, state }) => queues.includes("interactive") && state === "busy").length} busy` : "nothing is read", readers ? "" : "bad"),
    tile("Failed", failed, "in the last minute", failed ? "bad" : ""),
    tile("Model in traffic", serving.reachable ? `version ${serving.stable ?? "–"}` : "away", loadedOf(serving), serving.reachable ? "" : "bad"),
  ];
}

function loadedOf({ reachable, states = {} }) {
  if (!reachable) return "the model server does not answer";
  return `${Object.values(states).filter((state) => state === "AVAILABLE").length} loaded`;
}

function tile(name, value, more, state = "") {
  return h("div", { dataset: { state } }, h("dt", {}, name), h("dd", {}, value), h("dd", { class: "more-of" }, more));
}

function workersOf(system) {
  if (!system) return [h("p", { class: "empty" }, "Asking…")];
  if (!system.workers.length) return [h("p", { class: "empty" }, "No worker is alive. Start them: make up, or docker compose up -d.")];
  const rows = system.workers.map(({ name, queues, state, last_heartbeat: beat }) => h("tr", {},
    h("td", {}, h("b", {}, queues.includes("training") ? "trainer" : "recognizer"), h("span", { class: "soft small name" }, name)),
    h("td", {}, h("span", { class: "badge", dataset: { state: state === "busy" ? "traffic" : "good" } }, state)),
    h("td", { class: "soft" }, beat ? ago(beat) : "–")));
  return [h("table", {}, h("thead", {}, h("tr", {}, ["Worker", "State", "Last sign of life"].map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}, rows))];
}

/** How far back the plots reach: as the person says, else far enough for what there is. */
function createRange(choose) {
  let chosen = false;
  const radios = Object.entries(RANGES).map(([minutes, name]) => [Number(minutes), name, h("input", { type: "radio", name: "range", checked: Number(minutes) === HOUR, onchange: () => {
    chosen = true;
    choose(Number(minutes));
  } })]);
  return {
    element: h("div", { class: "segments", role: "group", "aria-label": "How far back" }, radios.map(([, name, radio]) => h("label", {}, radio, name))),
    /** There is history of the last `reach` minutes. */
    suit(reach) {
      if (chosen) return;
      const [minutes, , radio] = radios.find(([each]) => reach <= each) ?? radios.at(-1);
      radio.checked = true;
      choose(minutes);
    },
  };
}

const SOURCES = [["camera", "Cameras", "--series-4", "1 3"], ["webcam", "Webcam", "--series-3", "7 3 1 3"], ["upload", "Uploaded", "--series-2", "6 3"], ["canvas", "Drawn", "--series-1"]];
const QUEUES = [["interactive", "Interactive", "--series-1"], ["bulk", "Bulk", "--series-2", "6 3"], ["camera", "Camera", "--series-4", "1 3"], ["training", "Training", "--series-3", "7 3 1 3"]];
const LATENCIES = [["p50", "p50", "--series-1"], ["p95", "p95", "--series-2", "6 3"], ["p99", "p99", "--series-3", "1 3"]];

function chartOptions(period) {
  const gap = 2.5 * 1000 * period();
  const time = timeAxis("at");
  const series = (rows, of) => rows.map(([key, name, color, dash]) => ({ name, color, dash, of: of(key) }));
  const count = (value) => value.toLocaleString("en", { maximumFractionDigits: 1 });
  const shared = { x: time, gap, empty: "The first point comes after ten seconds" };
  return [
    { ...shared, title: "Images read", unit: "images a second", stacked: true, least: 1, format: (value) => `${count(value)}/s`, tick: count, series: series(SOURCES, (key) => ({ read }) => (read?.[key] ?? 0) / period()) },
    { ...shared, title: "Time to read", unit: "ms until the result; p95: 95 % take less", least: 10, format: milliseconds, tick: (value) => value.toLocaleString("en"), series: series(LATENCIES, (key) => ({ latency_ms: latency }) => latency[key]) },
    { ...shared, title: "Jobs waiting", whole: true, unit: "most in ten seconds, by queue", least: 4, format: (value) => plural(value, "job"), tick: count, series: series(QUEUES, (key) => ({ queues }) => queues?.[key] ?? 0) },
    { ...shared, title: "Not read", whole: true, unit: "images in ten seconds", least: 4, format: (value) => plural(value, "image"), tick: count, series: [{ name: "Failed", color: "--doubt", of: ({ failed }) => failed ?? 0 }, { name: "Camera frames too late", color: "--check", dash: "6 3", of: ({ late }) => late ?? 0 }] },
    { ...shared, title: "Images waiting", whole: true, unit: "most in ten seconds", least: 4, format: (value) => plural(value, "image"), tick: count, series: [{ name: "Accepted, not yet read", color: "--series-1", of: ({ pending_images: waiting }) => waiting ?? 0 }] },
    { ...shared, title: "Workers", whole: true, unit: "alive", least: 2, format: count, tick: count, series: [{ name: "Recognizers", color: "--series-1", of: ({ recognizers }) => recognizers ?? 0 }, { name: "Trainers", color: "--series-3", dash: "6 3", of: ({ trainers }) => trainers ?? 0 }] },
  ];
}

/**
 * The plots: `follow` keeps them up to date until `rest`; `show` says how far back they reach. `onreach` hears of how many
 * minutes there is history.
 */
function createCharts(onreach) {
  let period = 10;
  let samples = [];
  let minutes = HOUR;
  let timer = 0;
  let following = false;
  const charts = chartOptions(() => period).map(createChart);
  const element = h("section", { class: "charts", "aria-label": "The last hour" }, charts.map((chart) => h("div", { class: "card" }, chart.element)));
  const render = () => {
    const now = Date.now();
    for (const chart of charts) chart.update(samples, [now - minutes * 60_000, now]);
  };
  const ask = async (reach) => {
    clearTimeout(timer);
    let wait = RETRY_MS;
    try {
      const answer = await api.systemHistory(reach);
      period = answer.period_s;
      samples = merged(samples, answer.samples);
      wait = 1000 * period;
      if (samples.length) onreach((Date.now() - Date.parse(samples[0].at)) / 60_000);
    } catch {
      // the strip tells of a lost connection; what is known stays on screen
    }
    render();
    clearTimeout(timer);
    if (!following) return; // it was left while the answer was on its way
    timer = setTimeout(() => ask(wait === RETRY_MS ? HOUR : NEWS_MINUTES), wait);
  };
  return {
    element,
    follow() {
      following = true;
      return ask(HOUR);
    },
    rest() {
      following = false;
      clearTimeout(timer);
    },
    show: (reach) => {
      minutes = reach;
      render();
    },
  };
}

/** `older` and `newer` samples in one list, each moment once, an hour long. */
function merged(older, newer) {
  const byMoment = new Map([...older, ...newer].map((sample) => [sample.at, sample]));
  const from = Date.now() - HOUR * 60_000;
  return [...byMoment.values()].filter(({ at }) => Date.parse(at) >= from).sort((one, other) => one.at.localeCompare(other.at));
}
