// What people said that digits really are. A drawing is read again with every stroke: a digit that stays where it was is
// still the one that it was when it was first read, and what is said of it is said of that one.

const SAME = 0.05; // of a digit's size: how far its box moves when it is read once more

/** Recognition id → digit index → label (null: not a digit); only what differs from what was read. */
const said = new Map();

/** Recognition id → digit index → the digit, `{id, index}`, that it was first read as. */
const origins = new Map();

/** The digit that corrections of digit `index` are made of. */
export function originOf(id, index) {
  return origins.get(id)?.get(index) ?? { id, index };
}

/** What was said that digit `index` is: a label, null for no digit, undefined if nothing was said. */
export function saidOf(id, index) {
  const origin = originOf(id, index);
  return said.get(origin.id)?.get(origin.index);
}

/** Take note of a `label`; undefined: it is what it was read as. */
export function note(id, index, label) {
  const origin = originOf(id, index);
  const own = said.get(origin.id) ?? new Map();
  if (label === undefined) own.delete(origin.index);
  else own.set(origin.index, label);
  said.set(origin.id, own);
}

/** Whether something was said of a digit when it was read in this recognition. */
export const wasCorrected = ({ id }) => (said.get(id)?.size ?? 0) > 0;

/** Learn what people, here or elsewhere, said of `recognitions`. */
export function learnCorrections(recognitions, corrections) {
  const known = new Map(recognitions.map((each) => [each.id, each]));
  for (const { recognition_id: id, digit_index: index, label } of corrections) note(id, index, label === known.get(id)?.digits[index]?.digit ? undefined : label);
}

/** Digits of `now` that are those of `before`, the same drawing a stroke earlier, are known to be. */
export function follow(before, now) {
  const links = new Map();
  for (const digit of now.digits) {
    const same = before.digits.find((other) => isSame(digit, other));
    if (same) links.set(digit.index, originOf(before.id, same.index));
  }
  origins.set(now.id, links);
}

function isSame(one, other) {
  const near = SAME * Math.max(one.box.width, one.box.height) + 1;
  return one.digit === other.digit && ["x", "y", "width", "height"].every((side) => Math.abs(one.box[side] - other.box[side]) <= near);
}

/** What `recognition` reads as, with what people said. */
export function textWithCorrections({ id, digits }) {
  const lines = [];
  for (const { index, digit, row } of digits) {
    const label = saidOf(id, index);
    lines[row] = (lines[row] ?? "") + (label === undefined ? digit : label ?? "");
  }
  return lines.filter((line) => line !== undefined).join("\n");
}
