// A look through a camera's source before it is saved: its picture with what is read on it, or what to do.

import * as api from "./api.js";
import { h, icon, problemCard } from "./dom.js";
import { plural } from "./format.js";
import { latestWins } from "./latest.js";
import { createOverlay } from "./overlay.js";
import { Reading } from "./reading.js";

const SETTLE_MS = 120;

/**
 * The part of a form that looks.
 * @param {{asked: () => ?{source?: string, camera?: string}, demand: () => void, profile: () => object}} options `asked`: what
 *   is to be looked through, null while the form does not say; `demand`: have that said; `profile`: the settings that its
 *   frames would be read with
 */
export function createTrial({ asked, demand, profile }) {
  const reading = new Reading();
  const image = h("img", { alt: "What the camera sees" });
  const said = h("p", { class: "small", role: "status" });
  const shown = h("div", { class: "trial-picture", hidden: true }, h("div", { class: "live" }, image, createOverlay(reading, { interactive: false })));
  const trouble = h("div", { role: "alert" });
  const button = h("button", { type: "button", class: "button slim", onclick: () => look() }, icon("look"), "Try it");
  const element = h("div", { class: "trial" }, h("div", { class: "trial-head" }, button, said), trouble, shown);
  let picture = null;
  let last = { of: null, problem: null };
  let timer = 0;
  const reader = latestWins(async (settings, signal) => {
    try {
      const recognition = await api.recognise(picture, { source: "webcam", profile: settings, steps: true, signal });
      if (signal.aborted) return;
      reading.show(recognition);
      said.textContent = `${recognition.width} × ${recognition.height}; reads ${recognition.text?.replaceAll("\n", " · ") || "no digit"} with these settings.`;
    } catch (problem) {
      if (!signal.aborted) said.textContent = `${problem.title}. ${problem.detail}`;
    }
  });

  /** Look through the source; answers why nothing is seen, or null. */
  async function look() {
    const request = asked();
    if (!request) return demand(), null;
    const key = JSON.stringify(request);
    button.disabled = true;
    trouble.replaceChildren();
    said.textContent = "Looking through it; that takes some seconds…";
    const seen = await api.tryCamera(request).catch((problem) => ({ problem: problem.detail }));
    button.disabled = false;
    last = { of: key, problem: seen.problem ?? null };
    said.textContent = "";
    shown.hidden = Boolean(seen.problem);
    if (seen.problem) trouble.replaceChildren(problemCard({ title: "Nothing is seen through it", detail: sentence(seen.problem) }));
    else show(seen);
    return last.problem;
  }

  function show({ picture: jpeg }) {
    image.src = `data:image/jpeg;base64,${jpeg}`;
    picture = jpegOf(jpeg);
    reading.show(null);
    said.textContent = "There is a picture; reading it…";
    reader.submit(JSON.stringify(profile()));
  }

  return {
    element,
    look,
    /** What was found the last time, if the form still says the same: {problem}; null if it was not tried. */
    get result() {
      return last.of === JSON.stringify(asked()) ? last : null;
    },
    /** The source is another now: what is on screen is not of it. */
    outdate() {
      if (this.result) return;
      shown.hidden = true;
      said.textContent = "";
      trouble.replaceChildren();
      reader.cancel();
    },
    /** The settings are others now: the same picture is read with them. */
    reread() {
      if (shown.hidden || !picture) return;
      clearTimeout(timer);
      timer = setTimeout(() => reader.submit(JSON.stringify(profile())), SETTLE_MS);
    },
  };
}

/** A problem begins small, unless with an address. */
const sentence = (text) => `${/^\w+:/.test(text) ? text[0] : text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

function jpegOf(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: "image/jpeg" });
}

/** How many settings differ, in words. */
export const differing = (changes) => (Object.keys(changes).length ? `${plural(Object.keys(changes).length, "setting")} of its own` : "as usual");
