// The pictures that this page had read, while there is room: the gateway keeps them only until they are read.

const KEPT = 60;
const MOST_BYTES = 200e6;

/** @type {Map<string, Blob>} by recognition id, oldest first */
const images = new Map();

/** Remember what was sent for the recognition `id`. */
export function rememberImage(id, image) {
  images.set(id, image);
  let left = KEPT;
  let bytes = 0;
  for (const [key, kept] of [...images].reverse()) {
    bytes += kept.size;
    if (--left < 0 || bytes > MOST_BYTES) images.delete(key);
  }
}

/** The picture behind the recognition `id`, if this page still has it. */
export function imageOf(id) {
  return images.get(id) ?? null;
}
