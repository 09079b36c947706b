// Strokes of a pen, and how they look: the model of a drawing, without any element of the page.

/** @typedef {{x: number, y: number, w: number}} Point position and line width, in CSS pixels of the sheet */

const PRESSURE_FLOOR = 0.45;
const FOLLOW = 0.3; // how fast the width follows the pressure: a hand's tremble must not show

/** Line width for a pen of `size` pixels; only a real pen tells its pressure. */
export function widthOf(size, pointerType, pressure) {
  if (pointerType !== "pen" || pressure === 0) return size;
  return size * (PRESSURE_FLOOR + 1.1 * pressure);
}

export class Drawing {
  /** @type {Point[][]} */
  strokes = [];
  #past = []; // the strokes as they were before each change, oldest first
  #future = [];

  get isEmpty() {
    return this.strokes.length === 0;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  begin(point) {
    this.#change([...this.strokes, [point]]);
  }

  extend(point) {
    const stroke = this.strokes.at(-1);
    const last = stroke.at(-1);
    stroke.push({ ...point, w: last.w + (point.w - last.w) * FOLLOW });
  }

  /** Take up `strokes` that were drawn before; undo takes them back one by one. */
  restore(strokes) {
    this.#past = strokes.map((_, count) => strokes.slice(0, count));
    this.strokes = strokes;
  }

  /** Clear the sheet; undo brings everything back. */
  clear() {
    this.#change([]);
  }

  undo() {
    if (!this.canUndo) return;
    this.#future.push(this.strokes);
    this.strokes = this.#past.pop();
  }

  redo() {
    if (!this.canRedo) return;
    this.#past.push(this.strokes);
    this.strokes = this.#future.pop();
  }

  /** Fit the drawing to a sheet that has changed its size. */
  scale(factor) {
    const points = new Set([this.strokes, ...this.#past, ...this.#future].flat(2));
    for (const point of points) {
      point.x *= factor;
      point.y *= factor;
      point.w *= factor;
    }
  }

  #change(strokes) {
    this.#past.push(this.strokes);
    this.#future = [];
    this.strokes = strokes;
  }
}

/** Draw all strokes. */
export function paint(context, drawing, colour) {
  context.strokeStyle = context.fillStyle = colour;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of drawing.strokes) paintStroke(context, stroke);
}

function paintStroke(context, stroke) {
  if (stroke.length === 1) return dot(context, stroke[0]);
  for (let i = 1; i < stroke.length; i++) segment(context, stroke, i);
}

function dot(context, { x, y, w }) {
  context.beginPath();
  context.arc(x, y, w / 2, 0, 2 * Math.PI);
  context.fill();
}

/** From the middle before point i−1 to the middle after it, curved through it: smooth at any speed of the hand. */
function segment(context, stroke, i) {
  const before = stroke[Math.max(0, i - 2)];
  const corner = stroke[i - 1];
  const point = stroke[i];
  context.lineWidth = (corner.w + point.w) / 2;
  context.beginPath();
  context.moveTo((before.x + corner.x) / 2, (before.y + corner.y) / 2);
  context.quadraticCurveTo(corner.x, corner.y, (corner.x + point.x) / 2, (corner.y + point.y) / 2);
  if (i === stroke.length - 1) context.lineTo(point.x, point.y);
  context.stroke();
}

/** The drawing as a PNG, black on white whatever the theme, `width`×`height` pixels. */
export async function toPng(drawing, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { alpha: false });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  paint(context, drawing, "#000");
  return canvas.convertToBlob({ type: "image/png" });
}
