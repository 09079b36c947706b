// What spoke for an answer and against it, as colours over the digit's picture. Pure, but for the canvas.

export const FOR = [86, 170, 255];
export const AGAINST = [255, 140, 60];

const PLACES = [["top left", "top", "top right"], ["left", "middle", "right"], ["bottom left", "bottom", "bottom right"]];

/** The largest of all values without their signs. */
export function reachOf({ values }) {
  return Math.max(...values.map(Math.abs), 1e-6);
}

/** RGBA of each pixel, row by row: the stronger, the less of the picture below shows through. */
export function colours({ values }) {
  const reach = reachOf({ values });
  return new Uint8ClampedArray(values.flatMap((value) => [...(value >= 0 ? FOR : AGAINST), 235 * Math.sqrt(Math.abs(value) / reach)]));
}

/** Where most of what has `sign` (1: for, −1: against) lies, in words; null if there is none to speak of. */
export function placeOf({ values, width, height }, sign) {
  const sums = PLACES.map((row) => row.map(() => 0));
  values.forEach((value, i) => {
    const [row, column] = [Math.floor((3 * Math.floor(i / width)) / height), Math.floor((3 * (i % width)) / width)];
    sums[row][column] += Math.max(0, sign * value);
  });
  const most = Math.max(...sums.flat());
  const all = values.reduce((sum, value) => sum + Math.abs(value), 0);
  if (most <= 0.02 * all) return null;
  const row = sums.findIndex((each) => each.includes(most));
  return PLACES[row][sums[row].indexOf(most)];
}

/** Paint the evidence over whatever lies below `canvas`. */
export function paintEvidence(canvas, evidence) {
  Object.assign(canvas, { width: evidence.width, height: evidence.height });
  canvas.getContext("2d").putImageData(new ImageData(colours(evidence), evidence.width, evidence.height), 0, 0);
}
