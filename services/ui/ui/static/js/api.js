// The gateway's API. Every failure is a Problem whose `detail` says what to do.

import { rememberImage } from "./images.js";
import { pause, withRetries } from "./retrying.js";
import { send } from "./sending.js";
import { style } from "./style.js";

const ROOT = "/api/v1";
const FOLLOW_MS = 250;

/** RFC 9457, as an error. `retryAfter` is in seconds, or null; `wasAccepted`: the image was taken, and could not be read. */
export class Problem extends Error {
  wasAccepted = false;

  constructor({ title, status = 0, detail = "" }, retryAfter = null) {
    super(detail || title);
    Object.assign(this, { title, status, detail, retryAfter });
  }
}

const AWAY = {
  title: "No connection",
  detail: "This page's server does not answer. Start Digitscribe (make up, or docker compose up); the page connects again by itself.",
};

/** Call `path` under /api/v1 and answer its JSON. */
export async function call(path, options = {}) {
  let response;
  try {
    response = await (options.onsent ? send : fetch)(ROOT + path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(AWAY);
  }
  const body = await response.json().catch(() => null);
  if (response.ok) return body;
  throw new Problem(
    { title: `Error ${response.status}`, detail: "Try again; if it stays so, look at the gateway's log.", status: response.status, ...body },
    Number(response.headers.get("Retry-After")) || null,
  );
}

const json = (method, document) => ({ method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(document) });

function post(path, document) {
  return call(path, json("POST", document));
}

/**
 * Have an image read; answers the finished recognition.
 * @param {Blob} image
 * @param {{source: string, signal?: AbortSignal, profile?: string|null, steps?: boolean, onsent?: (share: number) => void,
 *   live?: boolean, sequence?: string|null}} options `profile`: settings as JSON, by itself the person's own style;
 *   `steps`: keep pictures of how it was read; `onsent` hears how much of it has been sent; `live`: it is a frame of the moving
 *   picture `sequence`; else it is a stage of a drawing of that id (`newSequence`)
 */
export async function recognise(image, { source, signal, profile = style.query, steps = false, onsent, live = false, sequence = null }) {
  const query = new URLSearchParams({ wait: "10", source, ...(profile && { profile }), ...(steps && { steps: "true" }), ...(live && { live: "true" }), ...(sequence && { sequence }) });
  const options = { method: "POST", body: image, headers: { "Content-Type": typeOf(image) }, signal, onsent };
  let recognition = await call(`/recognitions?${query}`, options);
  while (recognition.status === "queued" || recognition.status === "running") {
    await pause(FOLLOW_MS);
    const ask = () => call(`/recognitions/${recognition.id}`, { signal });
    recognition = await (live ? ask() : withRetries(ask, { signal })).catch(accepted); // a frame is soon overtaken
  }
  if (recognition.status === "failed") accepted(new Problem(recognition.error));
  if (!steps && !live) rememberImage(recognition.id, image);
  return recognition;
}

/** An id for a moving picture, or for a drawing; browsers lend `randomUUID` to pages of this machine and of https only. */
export const newSequence = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** What goes wrong once an image was taken: it is not to be sent again. */
function accepted(problem) {
  throw Object.assign(problem, { wasAccepted: true });
}

const TYPES = { tif: "image/tiff", tiff: "image/tiff", bmp: "image/bmp", webp: "image/webp", jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", gif: "image/gif", heic: "image/heic", heif: "image/heif" };

/** What an image is by its own account, or by its name; what it really is the gateway finds out. */
function typeOf({ type, name = "" }) {
  return type.startsWith("image/") ? type : TYPES[name.split(".").pop().toLowerCase()] ?? "image/*";
}

/** The list in an answer, bare or as its only field. */
const listed = (answer) => (Array.isArray(answer) ? answer : Object.values(answer).find(Array.isArray));

/** The address of the 28×28 picture that the model saw. */
export const cropUrl = (id, index) => `${ROOT}/recognitions/${id}/digits/${index}/image`;
export const previewUrl = (camera) => `${ROOT}/cameras/${encodeURIComponent(camera)}/preview`;
export const eventsUrl = `${ROOT}/events`;

export const systemHistory = (minutes) => call(`/system/history?minutes=${minutes}`);
export const failedRecognitions = (limit) => call(`/recognitions?status=failed&limit=${limit}`).then(listed);
export const retryRecognition = (id) => post(`/recognitions/${id}/retry`, {});
export const retryTraining = (id) => post(`/trainings/${id}/retry`, {});
export const defineCamera = (name, definition) => call(`/cameras/${encodeURIComponent(name)}`, json("PUT", definition));
export const changeCamera = (name, changes) => call(`/cameras/${encodeURIComponent(name)}`, json("PATCH", changes));
/** Look through a new `source`, or through the one that `camera` has: {picture, width, height} or {problem}. */
export const tryCamera = ({ source, camera }) => (source ? post("/camera-trials", { source }) : post(`/cameras/${encodeURIComponent(camera)}/trial`, {}));
export const removeCamera = (name) => call(`/cameras/${encodeURIComponent(name)}`, { method: "DELETE" });
export const system = () => call("/system");
export const models = () => call("/models");
export const cameras = () => call("/cameras").then(listed);
export const trainings = () => call("/trainings").then(listed);
export const recent = (limit = 20) => call(`/recognitions?limit=${limit}`).then(listed);
/** A page of the history: `{recognitions, corrections, next?}`; `next` is the next page's `before`. */
export const history = (query) => call(`/recognitions?${new URLSearchParams(query)}`);
export const profile = () => call("/profile");
export const steps = (id, signal) => call(`/recognitions/${id}/steps`, { signal });
export const inside = (id, index, signal) => call(`/recognitions/${id}/digits/${index}/inside`, { signal });
export const activate = (version) => post(`/models/${version}/activate`, {});
export const train = (request) => post("/trainings", request);
export const cancelTraining = (id) => call(`/trainings/${id}`, { method: "DELETE" });
export const correct = (id, index, label) => post("/corrections", { recognition_id: id, digit_index: index, label });
