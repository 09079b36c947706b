// Follows digits from result to result until their reading is steady. Pure: no picture, no clock, no page.

export const STEADY_AFTER = 3; // like results in a row
const FORGET_AFTER = 3; // results in a row without it: a hand or a shadow may hide a digit for a moment
const NEAR = 0.6; // centres nearer than this share of the boxes' size may be the same digit

/** @typedef {{box: object, row: number, candidate: number, like: number, missed: number, steady: ?number}} Track */

/** The reading in front of one camera, changed only after three like results. */
export class Steady {
  /** @type {Track[]} */
  tracks = [];
  text = null; // null: nothing was steady yet; "": nothing is there

  /** Take in the digits of a finished recognition; answers whether the steady text is a new one. */
  take(digits) {
    const fresh = new Set(digits);
    const followed = this.tracks.map((track) => follow(track, takeNearest(track, fresh)));
    const kept = followed.filter(({ missed }) => missed < FORGET_AFTER);
    this.tracks = [...kept, ...[...fresh].map(begin)];
    const text = textOf(this.tracks);
    if (text === null || text === this.text) return false;
    this.text = text;
    return true;
  }
}

const begin = ({ box, row, digit }) => ({ box, row, candidate: digit, like: 1, missed: 0, steady: null });

function follow(track, found) {
  if (!found) return { ...track, missed: track.missed + 1 };
  const like = found.digit === track.candidate ? track.like + 1 : 1;
  return { ...begin(found), like, steady: like >= STEADY_AFTER ? found.digit : track.steady };
}

/** The digit of `fresh` that is nearest to `track`, if any is near; it is taken out of `fresh`. */
function takeNearest({ box }, fresh) {
  let best = null;
  let least = NEAR;
  for (const digit of fresh) {
    const apart = distance(box, digit.box);
    if (apart < least) [best, least] = [digit, apart];
  }
  fresh.delete(best);
  return best;
}

/** How far apart the centres of two boxes are, as a share of their mean size. */
function distance(one, other) {
  const across = Math.abs(one.x + one.width / 2 - other.x - other.width / 2);
  const down = Math.abs(one.y + one.height / 2 - other.y - other.height / 2);
  const size = (Math.max(one.width, one.height) + Math.max(other.width, other.height)) / 2;
  return Math.max(across, down) / size;
}

function textOf(tracks) {
  if (tracks.some(({ steady, missed }) => steady === null && missed === 0)) return null;
  const known = tracks.filter(({ steady }) => steady !== null).sort((a, b) => a.row - b.row || a.box.x - b.box.x);
  const rows = Map.groupBy(known, ({ row }) => row);
  return [...rows.values()].map((row) => row.map(({ steady }) => steady).join("")).join("\n");
}
