// A view that opens over the page, and gives the focus back when it closes.

import { closeOnBack } from "./back.js";
import { h, icon, problemCard } from "./dom.js";

let count = 0;

/**
 * @param {{title: string, name: string, wide?: boolean}} options `name`: its class, and the `data-key` of what opens it
 * @returns {{body: HTMLElement, isOpen: boolean, open: () => void, fail: (problem: object) => void, say: (text: string) => void, onclose: (run: () => void) => void}}
 */
export function createViewer({ title, name, wide = false }) {
  const id = `viewer-${++count}`;
  const body = h("div", { class: "viewer-body" });
  const status = h("p", { class: "visually-hidden", role: "status" }); // the page's own announcer is silent behind a dialog
  const element = h("dialog", { class: `viewer ${name}${wide ? " wide" : ""}`, "aria-labelledby": id },
    h("header", { class: "viewer-head" }, h("h2", { id }, title),
      h("button", { type: "button", class: "icon-button", "aria-label": "Close", title: "Close (Esc)", onclick: () => element.close() }, icon("close"))),
    body, status);
  // a click beside it falls on the dialog element itself: its content covers all the rest
  element.addEventListener("pointerdown", ({ target }) => target === element && element.close());
  element.addEventListener("close", () => {
    element.remove();
    // what opened it may have been drawn anew meanwhile
    if (document.activeElement === document.body) document.querySelector(`main [data-key="${name}"]`)?.focus({ preventScroll: true });
  });
  return {
    body,
    open() {
      document.body.append(element);
      element.showModal();
      closeOnBack();
    },
    get isOpen() {
      return element.open;
    },
    /** Show nothing but `problem`. */
    fail(problem) {
      element.classList.remove("wide");
      body.replaceChildren(problemCard(problem));
    },
    say: (text) => (status.textContent = text),
    onclose: (run) => element.addEventListener("close", run),
  };
}
