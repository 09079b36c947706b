// A camera's picture with the boxes that were read on that very frame: both change together.

import { previewUrl } from "./api.js";
import { h } from "./dom.js";
import { latestWins } from "./latest.js";
import { createOverlay } from "./overlay.js";
import { Reading } from "./reading.js";

/** `show` a camera's newest recognition; `rest` fades what is on screen, for it is not live any more. */
export function createCameraPicture(name) {
  const reading = new Reading();
  const image = h("img", { alt: "", width: 640, height: 480, hidden: true });
  const none = h("p", { class: "no-picture" }, "Waiting for a picture…");
  const element = h("div", { class: "live" }, image, none, createOverlay(reading, { interactive: false }));
  let shown = null;
  let address = null;

  const { submit, cancel } = latestWins(async (recognition, signal) => {
    const blob = await pictureOf(name, recognition, signal);
    if (!blob || signal.aborted) return;
    const next = URL.createObjectURL(blob);
    try {
      await decoded(next);
      if (signal.aborted) throw new Error("overtaken");
    } catch {
      URL.revokeObjectURL(next);
      return;
    }
    image.src = next;
    if (recognition.width) image.style.aspectRatio = `${recognition.width} / ${recognition.height}`;
    image.hidden = false;
    none.hidden = true;
    element.classList.remove("faded");
    element.dataset.recognition = recognition.id;
    reading.show(recognition);
    if (address) URL.revokeObjectURL(address);
    address = next;
  });

  return {
    element,
    show(recognition) {
      if (!recognition || recognition.id === shown) return;
      shown = recognition.id;
      submit(recognition);
    },
    rest(words) {
      cancel();
      shown = null;
      none.textContent = words;
      element.classList.add("faded");
    },
  };
}

/** The picture of the frame that `recognition` is of; null if it is kept no longer. */
async function pictureOf(name, { id }, signal) {
  try {
    const answer = await fetch(`${previewUrl(name)}?recognition=${id}`, { signal });
    return answer.ok ? await answer.blob() : null;
  } catch {
    return null;
  }
}

async function decoded(address) {
  const probe = new Image();
  probe.src = address;
  await probe.decode();
}
