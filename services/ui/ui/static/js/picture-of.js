// A picture of a reading whose photo is gone: each digit as the model saw it, put where it was found.

import { cropUrl } from "./api.js";

const LONGEST_SIDE = 1600;

/**
 * The 28×28 pictures of `recognition` laid on paper at their boxes.
 * @returns {HTMLCanvasElement} of the recognition's shape; the digits come as they load
 */
export function pictureOf(recognition) {
  const canvas = document.createElement("canvas");
  const scale = Math.min(1, LONGEST_SIDE / Math.max(recognition.width, recognition.height));
  canvas.width = Math.round(recognition.width * scale);
  canvas.height = Math.round(recognition.height * scale);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "The digits as the model saw them, where they were found");
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  for (const digit of recognition.digits) place(context, recognition.id, digit);
  return canvas;
}

function place(context, id, { index, box }) {
  const image = new Image();
  image.addEventListener("load", () => {
    const ink = toInk(image);
    if (ink) context.drawImage(ink.canvas, ink.x, ink.y, ink.width, ink.height, box.x, box.y, box.width, box.height);
  });
  image.src = cropUrl(id, index);
}

/** White on black becomes the pen's colour on nothing; and where in it there is ink, for that is what the box is around. */
function toInk(image) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: image.naturalWidth, height: image.naturalHeight });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const picture = context.getImageData(0, 0, canvas.width, canvas.height);
  const { data } = picture;
  const [across, down] = [[], []];
  for (let i = 0; i < data.length; i += 4) {
    const light = data[i];
    data.set([0x1f, 0x3a, 0x9e, light], i);
    if (light < 32) continue;
    across.push((i / 4) % canvas.width);
    down.push(Math.floor(i / 4 / canvas.width));
  }
  if (across.length === 0) return null;
  context.putImageData(picture, 0, 0);
  const [x, y] = [Math.min(...across), Math.min(...down)];
  return { canvas, x, y, width: Math.max(...across) - x + 1, height: Math.max(...down) - y + 1 };
}
