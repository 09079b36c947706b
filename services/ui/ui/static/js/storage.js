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

/** What this tab has kept as `name` since it was opened, or null. */
export function keptInTab(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name));
  } catch {
    return null;
  }
}

/** Keep `value` as `name` for as long as this tab is open: a reload finds it. Where nothing is kept, a reload begins anew. */
export function keepInTab(name, value) {
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    forgetInTab(name); // an older one would come back in its place
  }
}

function forgetInTab(name) {
  try {
    sessionStorage.removeItem(name);
  } catch {
    // where storage is blocked, nothing was kept
  }
}
