// The browser's own camera: which there are, its picture, and what to do when there is none.

import { Problem } from "./api.js";

const WANTED = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };

const INSECURE = {
  title: "The camera needs a safe address",
  detail: "Browsers give the camera only to pages of this machine or over HTTPS. Open http://localhost:8000 on the machine that runs Digitscribe, or put HTTPS in front of it (deploy/README.md). Pictures can be uploaded from anywhere.",
};

const REFUSALS = {
  NotAllowedError: ["The camera is not allowed", "Allow the camera for this page (the symbol in the address bar, or the browser's settings), then start again."],
  NotFoundError: ["No camera found", "Plug one in or switch it on, then start again. A photo can be uploaded instead."],
  NotReadableError: ["The camera is busy", "Another program holds it, or the system refuses it. Close that program, then start again."],
  AbortError: ["The camera did not start", "Unplug it and plug it in again, then start again."],
};

/** Why there is no picture, as a problem that says what to do. */
export function refusal(error) {
  const [title, detail] = REFUSALS[error.name] ?? ["The camera did not start", `The browser says: ${error.message || error.name}. Choose another camera, or start again.`];
  return new Problem({ title, detail });
}

/** A camera's picture in `video`. Fires `ended` when the camera goes away by itself, `devices` when others come or go. */
export class Feed extends EventTarget {
  video;
  devices = []; // [{id, name}]
  #stream = null;
  #wish = 0; // counts starts and stops: a camera that comes after a stop is not wanted any more

  constructor(video) {
    super();
    this.video = video;
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#list());
  }

  get running() {
    return this.#stream !== null;
  }

  get device() {
    return this.#stream?.getVideoTracks()[0].getSettings().deviceId ?? null;
  }

  /**
   * Show the picture of the camera `device`, or of the one that the browser prefers; throws a Problem. A start that was
   * overtaken by another start or a stop answers false.
   */
  async start(device = null) {
    this.stop();
    if (!navigator.mediaDevices) throw new Problem(INSECURE);
    const wish = this.#wish;
    const stream = await open(device);
    if (wish !== this.#wish) {
      close(stream);
      return false;
    }
    this.#take(stream);
    await this.video.play().catch(() => {}); // a stop meanwhile takes the picture away
    await this.#list();
    return this.#stream === stream;
  }

  stop() {
    this.#wish++;
    if (this.#stream) close(this.#stream);
    this.#stream = null;
    this.video.srcObject = null;
  }

  #take(stream) {
    this.#stream = stream;
    this.video.srcObject = stream;
    stream.getVideoTracks()[0].addEventListener("ended", () => {
      if (this.#stream !== stream) return;
      this.stop();
      this.dispatchEvent(new Event("ended"));
    });
  }

  /** Names are told only once the camera was allowed. */
  async #list() {
    const all = await navigator.mediaDevices.enumerateDevices();
    const cameras = all.filter(({ kind, deviceId }) => kind === "videoinput" && deviceId);
    this.devices = cameras.map(({ deviceId, label }, i) => ({ id: deviceId, name: label || `Camera ${i + 1}` }));
    this.dispatchEvent(new Event("devices"));
  }
}

async function open(device) {
  // on a phone the camera at the back is the one that looks at paper
  const which = device ? { deviceId: { exact: device } } : { facingMode: { ideal: "environment" } };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...WANTED, ...which } });
  } catch (error) {
    if (device && error.name === "OverconstrainedError") return open(null); // it was unplugged: any other will do
    throw refusal(error);
  }
}

function close(stream) {
  for (const track of stream.getTracks()) track.stop();
}
