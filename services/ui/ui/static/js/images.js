// The pictures that this page had read, while there is room: the gateway keeps them only until they are read.

const KEPT = { webcam: 4, other: 60 }; // live frames come by the thousand and must not push out the rest
const MOST_BYTES = 200e6;

/** @type {Map<string, {image: Blob, kind: string}>} by recognition id, oldest first */
const images = new Map();

/** Remember what was sent for the recognition `id`. */
export function rememberImage(id, image, source) {
  images.set(id, { image, kind: source === "webcam" ? "webcam" : "other" });
  const left = { ...KEPT };
  let bytes = 0;
  for (const [key, kept] of [...images].reverse()) {
    bytes += kept.image.size;
    if (--left[kept.kind] < 0 || bytes > MOST_BYTES) images.delete(key);
  }
}

/** The picture behind the recognition `id`, if this page still has it. */
export function imageOf(id) {
  return images.get(id)?.image ?? null;
}
