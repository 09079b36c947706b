// A video's frames, read as fast as they are answered: the newest always, never more than two under way.

import * as api from "./api.js";
import { pause } from "./retrying.js";
import { style } from "./style.js";

const AT_ONCE = 2; // one is read while the next is on its way
const LONGEST_SIDE = 800; // of a frame that is sent: digits held up to a camera are large
const QUALITY = 0.85;
const PAUSE_MS = 1000; // after a failure
const WINDOW_MS = 3000; // over which the rate is counted

/** Frame by frame from `video` to readings; `onread(recognition, canvas, milliseconds)` in the order of the frames. */
export class FrameReader {
  #video;
  #onread;
  #onproblem;
  #free = Array.from({ length: AT_ONCE }, () => document.createElement("canvas"));
  #sequence = null; // the id that tells this page's frames from those of others
  #run = null; // AbortController of the present run
  #frames = 0;
  #shown = 0;
  #answered = [];

  constructor(video, { onread, onproblem }) {
    this.#video = video;
    this.#onread = onread;
    this.#onproblem = onproblem;
  }

  get running() {
    return this.#run !== null;
  }

  /** Readings a second, over the last three seconds. */
  get rate() {
    const now = performance.now();
    this.#answered = this.#answered.filter((moment) => now - moment < WINDOW_MS);
    const since = Math.max(now - (this.#answered[0] ?? now), 1);
    return this.#answered.length < 2 ? 0 : (1000 * (this.#answered.length - 1)) / since;
  }

  start() {
    if (this.#run) return;
    this.#sequence ??= api.newSequence();
    this.#run = new AbortController();
    this.#answered = [];
    this.#next(this.#run.signal);
  }

  stop() {
    this.#run?.abort();
    this.#run = null;
  }

  /** A frame that comes while both canvases are on their way is left out: the next one is newer. */
  #next(signal) {
    if (signal.aborted) return;
    if (this.#free.length && this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      const canvas = this.#free.pop();
      this.#read(canvas, signal).finally(() => this.#free.push(canvas));
    }
    whenNewFrame(this.#video, () => this.#next(signal));
  }

  async #read(canvas, signal) {
    const number = ++this.#frames;
    const began = performance.now();
    try {
      const frame = await encode(this.#video, canvas, LONGEST_SIDE, QUALITY);
      const recognition = await api.recognise(frame, { source: "webcam", live: true, sequence: this.#sequence, signal, profile: heldUp() });
      if (signal.aborted || number < this.#shown) return;
      this.#shown = number;
      this.#answered.push(performance.now());
      this.#onread(recognition, canvas, performance.now() - began);
    } catch (problem) {
      if (signal.aborted) return;
      this.#onproblem(problem);
      await pause(problem.retryAfter ? problem.retryAfter * 1000 : PAUSE_MS, signal);
    }
  }
}

/**
 * How pictures of a camera are read: with the person's own settings, else as ink on paper. Guessing it anew for each frame
 * would let one that shows more desk than paper be read the other way round.
 */
export function heldUp() {
  return JSON.stringify({ polarity: "dark_on_light", ...JSON.parse(style.query || "{}") });
}

/** The video's picture as a JPEG, its longer side at most `longest` pixels; it stays on `canvas`. */
export function encode(video, canvas, longest, quality) {
  const scale = Math.min(1, longest / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d", { alpha: false }).drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}

function whenNewFrame(video, run) {
  if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(run);
  else requestAnimationFrame(run);
}
