// Pictures to try at once, made by tools/samples.py from MNIST's test digits.

import { h, toast } from "./dom.js";

const SAMPLES = { note: "A note", squared: "Squared paper", board: "Chalk", sums: "Four rows" };

/** What is at `address`, or null if it cannot be had. */
async function fetched(address) {
  try {
    const answer = await fetch(address);
    return answer.ok ? await answer.blob() : null;
  } catch {
    return null;
  }
}

/** A row of sample pictures; `use` is given the chosen one as a file. */
export function createSamples(use) {
  const choose = async (name) => {
    const picture = await fetched(`samples/${name}.jpg`);
    if (picture) use([new File([picture], `${name}.jpg`, { type: "image/jpeg" })]);
    else toast("The sample did not come. Look whether Digitscribe runs (make up), then try again.");
  };
  const sample = ([name, title]) => h("button", { type: "button", class: "sample", onclick: () => choose(name) },
    h("img", { src: `samples/${name}.jpg`, alt: "", loading: "lazy", width: 120, height: 80 }), title);
  return h("div", { class: "samples" }, h("p", { class: "small soft" }, "No picture at hand? Try one of these:"),
    h("div", { class: "sample-row" }, Object.entries(SAMPLES).map(sample)),
    h("a", { class: "small", href: "samples/LICENSE.txt", target: "_blank" }, "Made from MNIST digits, CC BY-SA 3.0"));
}
