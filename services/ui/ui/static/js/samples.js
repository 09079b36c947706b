// Pictures to try at once, made by tools/samples.py from MNIST's test digits.

import { h } from "./dom.js";

const SAMPLES = { note: "A note", squared: "Squared paper", board: "Chalk", sums: "Four rows" };

/** A row of sample pictures; `use` is given the chosen one as a file. */
export function createSamples(use) {
  const choose = async (name) => {
    const answer = await fetch(`samples/${name}.jpg`);
    use([new File([await answer.blob()], `${name}.jpg`, { type: "image/jpeg" })]);
  };
  const sample = ([name, title]) => h("button", { type: "button", class: "sample", onclick: () => choose(name) },
    h("img", { src: `samples/${name}.jpg`, alt: "", loading: "lazy", width: 120, height: 80 }), title);
  return h("div", { class: "samples" }, h("p", { class: "small soft" }, "No picture at hand? Try one of these:"),
    h("div", { class: "sample-row" }, Object.entries(SAMPLES).map(sample)),
    h("a", { class: "small", href: "samples/LICENSE.txt", target: "_blank" }, "Made from MNIST digits, CC BY-SA 3.0"));
}
