// Questions to the person, in a dialog of the browser's own: focus stays inside, Escape leaves.

import { closeOnBack } from "./back.js";
import { h, problemCard } from "./dom.js";

/**
 * Open a dialog around `fields`; `run` is called with the form when its button is pressed, and may throw a Problem, which
 * is shown inside. Answers whether it was done.
 * @param {{title: string, fields: Node[], action: string, run: (form: HTMLFormElement) => Promise<void>}} options
 */
export function ask({ title, fields, action, run }) {
  const { promise, resolve } = withResolvers();
  const trouble = h("div", { role: "alert" });
  const submit = h("button", { type: "submit", class: "button primary" }, action);
  const form = h("form", { method: "dialog" }, h("h2", { id: "dialog-title" }, title), ...fields, trouble,
    h("div", { class: "dialog-actions" }, h("button", { type: "button", class: "button quiet", onclick: () => dialog.close() }, "Cancel"), submit));
  const dialog = h("dialog", { class: "dialog card", "aria-labelledby": "dialog-title" }, form);
  let done = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    trouble.replaceChildren();
    try {
      await run(form);
      done = true;
      dialog.close();
    } catch (problem) {
      trouble.replaceChildren(problemCard(problem));
      submit.disabled = false;
    }
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    resolve(done);
  });
  document.body.append(dialog);
  dialog.showModal();
  closeOnBack();
  return promise;
}

function withResolvers() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}
