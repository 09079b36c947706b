// What the person has chosen, kept in this browser; where it keeps nothing, a choice holds until the page is left.

import { toast } from "./dom.js";

const UNKEPT = "This browser keeps nothing for this page (its storage is blocked, or full): what you choose holds until you leave it.";

let isTold = false;

/** What is kept as `name`, or null. */
export function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keep `value` as `name`; null forgets it. Where that fails, the person is told, once. */
export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    if (!isTold) toast(UNKEPT);
    isTold = true;
  }
}
