// Making elements, and speaking to the person: announcements and toasts.

/**
 * An element. `props`: `class`, `dataset`, `style` (custom properties too), `on…` listeners, DOM properties, attributes.
 * @param {string} tag
 * @param {Object<string, any>} [props]
 * @param {...any} children nodes, strings, arrays; null and false are left out
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) set(element, name, value);
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "class") element.className = value;
  else if (name === "dataset") Object.assign(element.dataset, value);
  else if (name === "style") for (const [key, one] of Object.entries(value)) element.style.setProperty(key, one);
  else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name in element && !name.startsWith("aria")) element[name] = value;
  else element.setAttribute(name, value === true ? "" : value);
}

/** Make `children` those of `element`, which loses neither focus nor a click under way where they are so already. */
export function setChildren(element, children) {
  if (children.length !== element.children.length || children.some((child, i) => element.children[i] !== child)) element.replaceChildren(...children);
}

/** An element of SVG. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const ICONS = {
  draw: "M4 20c3-1 4-1 5-2L19.5 7.5a2.1 2.1 0 0 0-3-3L6 15c-1 1-1 2-2 5zM14.5 6.5l3 3",
  upload: "M12 15V4m0 0L8 8m4-4 4 4M4 15v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3",
  webcam: "M12 15.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11zM12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM12 15.500V18m-5 2.500c0-1.500 2-2.500 5-2.500s5 1 5 2.500z",
  system: "M3 13h4l2.500-7 4.500 13 2.500-6H21",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  cameras: "M3 8.5A1.5 1.5 0 0 1 4.5 7H7l1.5-2.5h7L17 7h2.500A1.500 1.500 0 0 1 21 8.500v9a1.500 1.500 0 0 1-1.500 1.500h-15A1.500 1.500 0 0 1 3 17.500zM12 16a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z",
  models: "m12 3 9 5-9 5-9-5zM3 12.500l9 5 9-5M3 17l9 5 9-5",
  history: "M4 12a8 8 0 1 0 2.500-5.800L4 8.500M4 4v4.500h4.500M12 8v4.500l3 1.700",
  undo: "M4 9h10a5.500 5.500 0 0 1 0 11H9M4 9l4.500-4.500M4 9l4.500 4.500",
  redo: "M20 9H10a5.500 5.500 0 0 0 0 11h5M20 9l-4.500-4.500M20 9l-4.500 4.500",
  copy: "M9.500 8.500h10v11.500h-10zM15.500 8.500V4.500h-11V16h5",
  clear: "M5 7h14M10 7V4.500h4V7M7 7l.8 12.500h8.400L17 7",
  play: "M7 4.500v15l12-7.500z",
  stop: "M6.500 6.500h11v11h-11z",
  snapshot: "M4 9V6a2 2 0 0 1 2-2h3m6 0h3a2 2 0 0 1 2 2v3m0 6v3a2 2 0 0 1-2 2h-3m-6 0H6a2 2 0 0 1-2-2v-3M12 15.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z",
  download: "M12 4v11m0 0-4-4m4 4 4-4M4 16v2a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-2",
  steps: "M4 6.5h9M17 6.5h3M4 12h3M11 12h9M4 17.5h10M18 17.5h2M15 4.5v4M9 10v4M16 15.500v4",
  look: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  close: "M6 6l12 12M18 6 6 18",
  retry: "M20 12a8 8 0 1 1-2.500-5.800L20 8.500M20 4v4.500h-4.500",
  warning: "M12 4 2.800 19.500h18.400zM12 10v4.500M12 17v.01",
  sun: "M12 16.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9zM12 2v2m0 16v2M2 12h2m16 0h2M5 5l1.400 1.400m11.200 11.200L19 19M19 5l-1.400 1.400M6.400 17.600 5 19",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z",
};

/** An icon of the set above, hidden from screen readers: its button carries the name. */
export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
}

/** Say `text` to screen readers. */
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}

/** The dialog that is open over the page, if any: what is behind it takes neither keys nor pastes. */
export const openDialog = () => document.querySelector("dialog[open]");

const TOAST_MS = 7000;

/** A short message at the screen's edge, with an optional action `{label, run}`. It waits until no dialog hides it. */
export function toast(text, action = null) {
  const dialog = openDialog();
  if (dialog) return dialog.addEventListener("close", () => toast(text, action), { once: true });
  const element = h("div", { class: "toast" }, h("span", {}, text));
  const close = () => element.remove();
  if (action) {
    element.append(h("button", { type: "button", onclick: () => { close(); action.run(); } }, action.label));
  }
  const host = document.getElementById("toasts");
  host.replaceChildren(...[...host.children].slice(-2), element);
  setTimeout(close, TOAST_MS);
}

/** Run what asks the gateway: a problem becomes a toast; so does `done`, if it went well. */
export async function tried(run, done = null) {
  try {
    await run();
    if (done) toast(done);
  } catch (problem) {
    toast(`${problem.title}. ${problem.detail}`);
  }
}

/** A problem (RFC 9457), set for reading. */
export function problemCard(problem) {
  return h("div", { class: "problem" }, icon("warning"), h("strong", {}, problem.title), h("p", {}, problem.detail));
}
