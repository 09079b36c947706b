// The pictures that this browser had read: the gateway keeps them only until they are read, so the browser does, within bounds.

import { inStore, walkPictures } from "./archive.js";

const KEPT = 60; // at hand
const MOST_BYTES = 100e6;
const ARCHIVED = 500; // beyond a reload
const MOST_ARCHIVED_BYTES = 300e6;
const TIDY_AFTER = 25;

/** @type {Map<string, Blob>} by recognition id, oldest first */
const images = new Map();
let sinceTidied = TIDY_AFTER;

/** Remember what was sent for the recognition `id`. */
export function rememberImage(id, image) {
  images.set(id, image);
  let left = KEPT;
  let bytes = 0;
  for (const [key, kept] of [...images].reverse()) {
    bytes += kept.size;
    if (--left < 0 || bytes > MOST_BYTES) images.delete(key);
  }
  archive(id, image).catch(() => {}); // a browser that keeps nothing still has it at hand
}

async function archive(id, image) {
  await inStore("pictures", "readwrite", (store) => store.put({ id, at: Date.now(), bytes: image.size, image }));
  if (++sinceTidied < TIDY_AFTER) return;
  sinceTidied = 0;
  await tidy();
}

/** Let go of the oldest beyond the bounds. */
async function tidy() {
  let count = 0;
  let bytes = 0;
  await walkPictures((cursor) => {
    bytes += cursor.value.bytes;
    if (++count > ARCHIVED || bytes > MOST_ARCHIVED_BYTES) cursor.delete();
  });
}

/** The picture behind the recognition `id`, if this browser still has it. */
export async function imageOf(id) {
  if (images.has(id)) return images.get(id);
  try {
    return (await inStore("pictures", "readonly", (store) => store.get(id)))?.image ?? null;
  } catch {
    return null;
  }
}

/** How many pictures this browser keeps. */
export async function countImages() {
  try {
    return await inStore("pictures", "readonly", (store) => store.count());
  } catch {
    return images.size;
  }
}

/** Forget all pictures; what was read on them stays in the history. */
export async function forgetImages() {
  images.clear();
  await inStore("pictures", "readwrite", (store) => store.clear());
}
