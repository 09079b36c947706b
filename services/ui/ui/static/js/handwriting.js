// A hand that shows how it goes: digits as strokes, faintly on the empty sheet or written out on it.

import { svg } from "./dom.js";

/** Strokes of each digit as SVG paths, in a box of 60×100. */
const GLYPHS = [
  ["M35 6C14 4 6 30 6 52s8 43 25 43 24-22 24-45S50 8 31 7"],
  ["M16 26 36 7 33 95"],
  ["M8 28C10 7 52 2 52 29 52 52 24 68 7 92 24 87 40 91 56 90"],
  ["M10 15C28 1 54 9 49 29 46 42 32 46 22 46 40 45 56 54 52 74 48 97 16 98 7 82"],
  ["M37 6 7 63 58 60", "M43 38 41 96"],
  ["M52 9 19 10 15 45C33 34 56 42 54 66 52 94 18 98 7 82"],
  ["M45 6C20 16 6 44 8 70 10 97 50 98 52 70 53 46 18 44 10 67"],
  ["M7 11 54 9 25 96"],
  ["M49 22C44 2 12 4 12 24 12 44 52 48 52 72 52 97 8 97 8 72 8 48 46 44 49 22"],
  ["M51 29C46 6 10 8 10 32 10 55 46 56 50 30 50 52 48 76 41 95"],
];
const WIDTH = 60;
const HEIGHT = 100;
const GAP = 22;
/** The widest pen that these strokes bear, in the box's units. */
export const THICKEST = 11;
const STEP = 3; // between two points of a stroke, in the box's units
const PACE = 0.32; // units of the box that a hand goes in a millisecond
const LIFT_MS = 110;

const widthOf = (text) => text.length * (WIDTH + GAP) - GAP;

/** `text` as a drawing that writes itself once, for whoever looks at an empty sheet. */
export function ghost(text) {
  const paths = [...text].flatMap((digit, place) => GLYPHS[digit].map((d) => [d, place]));
  return svg("svg", { class: "ghost", viewBox: `-8 -4 ${widthOf(text) + 16} ${HEIGHT + 8}`, "aria-hidden": "true" },
    ...paths.map(([d, place], order) => ghostStroke(d, place * (WIDTH + GAP), order)));
}

function ghostStroke(d, left, order) {
  const path = svg("path", { d, pathLength: 1, transform: `translate(${left})` });
  path.style.setProperty("--order", order); // not as an attribute: the page forbids inline styles
  return path;
}

/**
 * The strokes of `text` as points `{x, y}`, in the middle of a sheet of `width`×`height` pixels.
 * @returns {{strokes: {x: number, y: number}[][], scale: number}} `scale`: pixels for a unit of the box
 */
export function strokesOf(text, width, height) {
  const scale = Math.min((0.42 * height) / HEIGHT, (0.72 * width) / widthOf(text));
  const [left, top] = [(width - widthOf(text) * scale) / 2, (height - HEIGHT * scale) / 2];
  const strokes = [...text].flatMap((digit, place) => GLYPHS[digit].map((d) => pointsOf(d).map(({ x, y }) => ({ x: left + (x + place * (WIDTH + GAP)) * scale, y: top + y * scale }))));
  return { strokes, scale };
}

function pointsOf(d) {
  const path = svg("path", { d });
  const length = path.getTotalLength();
  const count = Math.ceil(length / STEP);
  return Array.from({ length: count + 1 }, (_, i) => path.getPointAtLength((length * i) / count));
}

/**
 * Write `text` at a hand's pace; resolves when it is written, or when `signal` has ended it.
 * @param {{begin: (point: object) => void, extend: (point: object) => void, end: () => void}} pen is told as a person's would
 */
export async function writeOut(text, { width, height }, pen, signal) {
  const { strokes } = strokesOf(text, width, height);
  const atOnce = matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const [first, ...rest] of strokes) {
    if (signal.aborted) return;
    pen.begin(first);
    let done = 0;
    const began = performance.now();
    while (done < rest.length) {
      if (!atOnce) await new Promise(requestAnimationFrame);
      if (signal.aborted) return; // the sheet's last stroke is somebody else's now
      const due = atOnce ? rest.length : Math.ceil(((performance.now() - began) * PACE) / STEP);
      while (done < Math.min(due, rest.length)) pen.extend(rest[done++]);
    }
    pen.end();
    if (!atOnce) await new Promise((resolve) => setTimeout(resolve, LIFT_MS));
  }
}

/** A number to write: three to five digits, no two neighbours alike. */
export function anyNumber() {
  const digits = [];
  const count = 3 + Math.floor(Math.random() * 3);
  while (digits.length < count) {
    const digit = Math.floor(Math.random() * 10);
    if (digit !== digits.at(-1)) digits.push(digit);
  }
  return digits.join("");
}
