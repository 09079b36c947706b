// Which readings the history shows.

import { h } from "./dom.js";

const SOURCES = { "": "All", canvas: "Drawn", upload: "Uploaded", webcam: "Webcam", camera: "Cameras" };
const SETTLE_MS = 250;

export const sourceName = (source) => SOURCES[source] ?? source;

/**
 * The form; `onchange` is called with what the gateway is to be asked, without what is left open.
 * @returns {{element: HTMLElement, query: () => object, versions: (numbers: number[]) => void, reset: () => void}}
 */
export function createFilter(onchange) {
  const sources = h("div", { class: "segments", role: "group", "aria-label": "Source" }, Object.entries(SOURCES).map(([value, name]) =>
    h("label", {}, h("input", { type: "radio", name: "source", value, checked: value === "" }), name)));
  const text = h("input", { type: "search", name: "text", inputMode: "numeric", pattern: "[0-9]*", placeholder: "any", size: 8, autocomplete: "off" });
  const below = select("below", [["", "any"], [0.9, "below 90 %"], [0.7, "below 70 %"], [0.5, "below 50 %"]]);
  const version = select("version", [["", "any"]]);
  const failed = h("input", { type: "checkbox", name: "failed" });
  const form = h("form", { class: "filter", role: "search", "aria-label": "Filter the history", onsubmit: (event) => event.preventDefault() }, sources,
    field("Digits", text), field("Least sure", below), field("Model", version), h("label", { class: "check" }, failed, "Failed only"));
  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(onchange, SETTLE_MS);
  });
  return {
    element: form,
    query() {
      const given = { source: form.elements.source.value, text: text.value.replace(/\D/g, ""), below: below.value, version: version.value, status: failed.checked ? "failed" : "" };
      return Object.fromEntries(Object.entries(given).filter(([, value]) => value));
    },
    versions(numbers) {
      const kept = version.value;
      version.replaceChildren(...["", ...numbers].map((number) => h("option", { value: number }, number === "" ? "any" : `version ${number}`)));
      version.value = kept;
    },
    reset() {
      form.reset();
      onchange();
    },
  };
}

const select = (name, options) => h("select", { name }, options.map(([value, label]) => h("option", { value }, label)));

const field = (label, input) => h("label", { class: "field" }, h("span", {}, label), input);
