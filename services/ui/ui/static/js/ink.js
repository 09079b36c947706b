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
  constructor() {
    /** @type {Point[][]} */
    this.strokes = [];
    this.undone = [];
  }

  get isEmpty() {
    return this.strokes.length === 0;
  }

  begin(point) {
    this.undone = [];
    this.strokes.push([point]);
  }

  extend(point) {
    const stroke = this.strokes.at(-1);
    const last = stroke.at(-1);
    stroke.push({ ...point, w: last.w + (point.w - last.w) * FOLLOW });
  }

  /** Take the last stroke back; answers whether there was one. */
  undo() {
    if (this.isEmpty) return false;
    this.undone.push(this.strokes.pop());
    return true;
  }

  redo() {
    if (this.undone.length === 0) return false;
    this.strokes.push(this.undone.pop());
    return true;
  }

  /** Clear the sheet; undo brings everything back. */
  clear() {
    this.undone = this.strokes.reverse();
    this.strokes = [];
  }

  /** Fit the drawing to a sheet that has changed its size. */
  scale(factor) {
    for (const point of [...this.strokes, ...this.undone].flat()) {
      point.x *= factor;
      point.y *= factor;
      point.w *= factor;
    }
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
