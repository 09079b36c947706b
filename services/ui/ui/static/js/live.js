// What is going on in the system, kept up to date: server-sent events for what changes, a slow poll for the rest.

import * as api from "./api.js";

const POLL_MS = 5000;
const POLL_LOST_MS = 2000;
const SETTLE_MS = 400; // events come in bursts; one look at the system after each burst is enough
const REOPEN_MS = [500, 1000, 2000, 4000, 8000];
const KEPT = { moving: 100, other: 200 }; // cameras read all day long and must not push out what people had read
const EVENTS = ["recognition", "camera", "training", "model", "queue"];

/**
 * Fires `connection`, `system`, `models`, `cameras`, `trainings`, `recognitions`; each says that the field of the same
 * name has changed. Streams and polls rest while the page is hidden: a browser has few connections to give.
 */
export class Live extends EventTarget {
  connection = "connecting"; // connecting, live or lost
  problem = null;
  system = null;
  models = null;
  cameras = [];
  trainings = [];
  recognitions = [];
  #source = null;
  #failures = 0;
  #timers = {};
  #asks = new Set(); // documents on their way here

  start() {
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#rest() : this.#wake()));
    window.addEventListener("online", () => this.#wake());
    this.#wake();
  }

  /** Call `listener` now and whenever one of `names` changes. */
  on(names, listener) {
    for (const name of [names].flat()) this.addEventListener(name, listener);
    listener();
  }

  /** Take in a recognition that this page has just got as an answer. */
  remember(recognition) {
    if ((recognition.status !== "done" && recognition.status !== "failed") || recognition.steps) return;
    this.#change("recognitions", (known) => {
      const left = { ...KEPT };
      const room = ({ source, live }) => left[source === "camera" || live ? "moving" : "other"]-- > 0;
      return [recognition, ...known.filter(({ id }) => id !== recognition.id)].filter(room);
    });
  }

  /** Take in a training as it now stands. */
  takeTraining(training) {
    this.#change("trainings", (known) => {
      const others = known.filter(({ id }) => id !== training.id);
      return [training, ...others].sort((a, b) => b.created_at.localeCompare(a.created_at));
    });
  }

  async refreshModels() {
    await this.#fetch("models", api.models);
  }

  #wake() {
    this.#open();
    this.#poll();
    this.#refresh();
  }

  #rest() {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.#source?.close();
    this.#source = null;
  }

  #refresh() {
    this.#fetch("models", api.models);
    this.#fetch("cameras", api.cameras);
    this.#fetch("trainings", api.trainings);
    this.#fetch("recognitions", () => api.recent(20));
  }

  /** An answer may be older than an event that came while it was on its way: such events are taken again on top of it. */
  async #fetch(field, get) {
    const ask = { field, changes: [] };
    this.#asks.add(ask);
    try {
      const answer = await get();
      if (!this.#asks.has(ask)) return; // one that was asked for later is here already
      for (const other of this.#asks) {
        if (other.field === field) this.#asks.delete(other);
        if (other === ask) break;
      }
      this.#set(field, ask.changes.reduce((known, change) => change(known), answer));
    } catch {
      this.#asks.delete(ask); // the poll of the system tells of a lost connection, once for all
    }
  }

  /** Put `change` of what is known in place of `field`; `change` must not hold on to what it was given. */
  #change(field, change) {
    for (const ask of this.#asks) if (ask.field === field) ask.changes.push(change);
    this.#set(field, change(this[field]));
  }

  async #poll() {
    clearTimeout(this.#timers.poll);
    try {
      this.#set("system", await api.system());
      const wasLost = this.connection === "lost";
      if (this.#source?.readyState !== EventSource.OPEN) {
        if (wasLost) this.#open();
      } else {
        this.#connected();
        if (wasLost) this.#refresh(); // what was asked for meanwhile may have failed
      }
    } catch (problem) {
      this.#lost(problem);
    }
    if (!document.hidden) this.#later("poll", () => this.#poll(), this.connection === "lost" ? POLL_LOST_MS : POLL_MS);
  }

  #open() {
    if (this.#source && this.#source.readyState !== EventSource.CLOSED) return;
    const source = (this.#source = new EventSource(api.eventsUrl));
    source.onopen = () => {
      this.#connected();
      this.#refresh(); // what happened before it was open, it does not tell
    };
    source.onerror = () => this.#broken(source);
    for (const type of EVENTS) {
      source.addEventListener(type, (event) => this.#take(type, JSON.parse(event.data)));
    }
  }

  #connected() {
    this.#failures = 0;
    if (this.connection === "live") return;
    this.problem = null;
    this.#set("connection", "live");
  }

  #broken(source) {
    if (source !== this.#source || document.hidden) return;
    if (this.connection === "live") this.#set("connection", "connecting");
    const wait = REOPEN_MS[Math.min(this.#failures++, REOPEN_MS.length - 1)];
    if (source.readyState === EventSource.CLOSED) this.#later("open", () => this.#open(), wait);
    this.#later("settle", () => this.#poll(), SETTLE_MS);
  }

  #lost(problem) {
    this.problem = problem;
    this.#set("connection", "lost");
  }

  #take(type, data) {
    if (type === "recognition") this.remember(data);
    if (type === "recognition" && data.camera) this.#takeFrame(data);
    if (type === "camera") this.#takeCamera(data);
    if (type === "training") this.takeTraining(data);
    if (type === "model") this.refreshModels();
    if (type === "queue" && this.system) this.#set("system", { ...this.system, ...data });
    if (type !== "camera" && type !== "queue") this.#later("settle", () => this.#poll(), SETTLE_MS);
  }

  #takeCamera(camera) {
    this.#change("cameras", (known) => withCamera(known, camera));
  }

  /** A camera's state is told once a second, its readings frame by frame. */
  #takeFrame(recognition) {
    if (recognition.status !== "done") return;
    this.#change("cameras", (known) => {
      const camera = known.find(({ name }) => name === recognition.camera);
      return camera ? withCamera(known, { ...camera, last_recognition: recognition }) : known;
    });
  }

  #later(name, run, wait) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(run, wait);
  }

  #set(field, value) {
    this[field] = value;
    this.dispatchEvent(new Event(field));
  }
}

/** `cameras` by name, with `camera` as it now stands, or without it where it was removed. */
function withCamera(cameras, camera) {
  const others = cameras.filter(({ name }) => name !== camera.name);
  const known = cameras.find(({ name }) => name === camera.name);
  const now = camera.removed ? [] : [{ ...camera, last_recognition: newer(known?.last_recognition, camera.last_recognition) }];
  return [...others, ...now].sort((one, other) => one.name.localeCompare(other.name));
}

/** The later of two recognitions, either of which may be missing. */
function newer(one, other) {
  if (!one || !other) return other ?? one;
  return one.created_at > other.created_at ? one : other;
}
