// A picture with its boxes and digits drawn into it, to keep or to pass on.

import { level, percent } from "./format.js";

const COLOURS = { sure: "#1b6a50", check: "#8a5a00", doubt: "#b3261e" };
const DASHES = { sure: [], check: [3, 2], doubt: [1, 1.5] }; // in line widths, as on the page

/**
 * `picture` (anything that a canvas draws) with the digits of `reading` marked in it, as a PNG of its size.
 * @param {CanvasImageSource} picture
 * @param {import("./reading.js").Reading} reading
 */
export async function annotated(picture, reading) {
  const { width, height } = reading.recognition;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0, width, height);
  const unit = Math.max(1.5, Math.max(width, height) / 500);
  for (const digit of reading.digits) mark(context, digit, reading.correctionOf(digit.index), unit);
  return canvas.convertToBlob({ type: "image/png" });
}

function mark(context, { box, digit, confidence }, correction, unit) {
  const name = level(confidence);
  context.lineWidth = unit;
  context.strokeStyle = context.fillStyle = COLOURS[name];
  context.setLineDash(DASHES[name].map((part) => part * unit));
  context.strokeRect(box.x - unit, box.y - unit, box.width + 2 * unit, box.height + 2 * unit);
  const label = correction === undefined ? `${digit} ${percent(confidence)}` : `${correction ?? "–"} (read ${digit})`;
  tag(context, label, box, unit);
}

function tag(context, label, box, unit) {
  const size = 8 * unit;
  context.font = `700 ${size}px sans-serif`;
  const width = context.measureText(label).width + size * 0.7;
  const top = box.y > size * 1.6 ? box.y - size * 1.4 - unit : box.y + box.height + unit;
  context.fillRect(box.x - 1.5 * unit, top, width, size * 1.4);
  context.fillStyle = "#fff";
  context.fillText(label, box.x + size * 0.25, top + size * 1.05);
}

/** Have the browser save `blob` as `name`. */
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
