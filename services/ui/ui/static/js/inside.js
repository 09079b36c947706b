// "Look inside": what the model made of one digit. Its feature maps, and what spoke for and against its answer.

import * as api from "./api.js";
import { h } from "./dom.js";
import { paintEvidence, placeOf, reachOf } from "./evidence.js";
import { percent } from "./format.js";
import { createViewer } from "./viewer.js";

/** Open the view of `digit` of `recognition`. */
export async function openInside(recognition, digit) {
  const viewer = createViewer({ title: `Inside digit ${digit.index + 1}, read as ${digit.digit}`, name: "inside", wide: true });
  viewer.body.append(h("p", { class: "empty" }, "Asking the model…"));
  viewer.open();
  const gone = new AbortController();
  viewer.onclose(() => gone.abort());
  try {
    const inside = await api.inside(recognition.id, digit.index, gone.signal);
    viewer.body.replaceChildren(evidenceOf(recognition, digit, inside), layersOf(inside));
    viewer.say(summary(inside));
  } catch (problem) {
    if (!gone.signal.aborted) viewer.fail(problem);
  }
}

function summary({ answer, model_version: version, probabilities, digit_score: score }) {
  return `Version ${version} of the model answers ${answer}, ${percent(probabilities[answer])} sure, and takes it for one digit with ${percent(score)}.`;
}

const SHOWN = { both: "Both", picture: "Picture", evidence: "Evidence" };

/** The picture that the model saw, and over it what spoke for the answer and what against. */
function evidenceOf(recognition, digit, inside) {
  const { evidence, answer } = inside;
  const canvas = h("canvas", { "aria-hidden": "true" });
  paintEvidence(canvas, evidence);
  const words = inWords(evidence, answer);
  const stage = h("div", { class: "evidence-stage", role: "img", "aria-label": words, dataset: { shown: "both" } },
    h("img", { src: api.cropUrl(recognition.id, digit.index), alt: "", width: 28, height: 28 }), canvas);
  const switches = h("div", { class: "segments", role: "group", "aria-label": "What is shown" }, Object.entries(SHOWN).map(([name, label]) => h("label", {},
    h("input", { type: "radio", name: "evidence-shown", checked: name === "both", onchange: () => (stage.dataset.shown = name) }), label)));
  return h("section", { class: "evidence", "aria-label": "What spoke for and against" },
    h("h3", {}, `What spoke for the ${answer}, and what against`), stage, scale(evidence), switches, h("p", {}, words), h("p", { class: "small soft" }, summary(inside)),
    h("p", { class: "small soft" }, "Measured by covering the ink around each place: by how much do the log-odds of the answer fall?"));
}

function inWords(evidence, answer) {
  const [pro, contra] = [placeOf(evidence, 1), placeOf(evidence, -1)];
  const first = pro ? `Most of what spoke for the ${answer} lies at the ${pro}` : `Nothing in particular spoke for the ${answer}`;
  return `${first}; ${contra ? `most of what spoke against it at the ${contra}` : "next to nothing spoke against it"}.`.replaceAll("at the middle", "in the middle");
}

/** The legend: from as strongly against as anything was for, to as strongly for. */
function scale(evidence) {
  const reach = reachOf(evidence).toPrecision(2);
  return h("div", { class: "evidence-scale" },
    h("i", { "aria-hidden": "true" }),
    h("dl", {}, h("div", {}, h("dt", {}, "against"), h("dd", {}, `−${reach}`)), h("div", {}, h("dt", {}, "nothing"), h("dd", {}, "0")), h("div", {}, h("dt", {}, "for"), h("dd", {}, `+${reach}`))));
}

/** The maps of each layer, strongest first, and the one that is looked at, large. */
function layersOf({ layers }) {
  return h("section", { class: "layers", "aria-label": "Feature maps" },
    h("p", { class: "small soft" }, "Each small picture is one filter of the network: white is where it found what it looks for. The first block sees strokes and edges, the second what they make together."),
    layers.map(layerOf));
}

function layerOf(layer, number) {
  const maps = layer.maps.map((map, channel) => ({ ...map, channel })).sort((one, other) => other.strength - one.strength);
  const quiet = maps.filter(({ strength }) => strength === 0).length;
  const large = h("img", { alt: "", width: layer.width, height: layer.height });
  const about = h("figcaption", { "aria-live": "polite" });
  const grid = h("div", { class: "maps", role: "group", "aria-label": `Maps of ${layer.title}; arrow keys go from one to the next` });
  const look = (button, map) => {
    for (const each of grid.children) each.tabIndex = each === button ? 0 : -1;
    for (const each of grid.children) each.setAttribute("aria-pressed", String(each === button));
    large.src = sourceOf(map);
    about.textContent = `Filter ${map.channel + 1}: ${percent(map.strength)} of the block's strongest answer`;
  };
  grid.append(...maps.map((map) => {
    const button = h("button", { type: "button", tabIndex: -1, "aria-label": `Filter ${map.channel + 1}, strength ${percent(map.strength)}`, onclick: () => look(button, map), onfocus: () => look(button, map) },
      h("img", { src: sourceOf(map), alt: "", width: layer.width, height: layer.height }));
    return button;
  }));
  grid.addEventListener("keydown", (event) => move(event, grid));
  look(grid.firstChild, maps[0]);
  const silent = quiet ? `, ${quiet} of them silent for this digit` : "";
  return h("div", { class: "layer" },
    h("h3", { id: `layer-${number}` }, `${layer.title} · ${layer.maps.length} filters, ${layer.width}×${layer.height}${silent}`),
    h("div", { class: "layer-maps" }, grid, h("figure", {}, large, about)));
}

const sourceOf = (map) => `data:image/png;base64,${map.picture}`;

function move(event, grid) {
  const buttons = [...grid.children];
  const at = buttons.indexOf(document.activeElement);
  const columns = Math.max(1, buttons.findIndex(({ offsetTop }) => offsetTop !== buttons[0].offsetTop));
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + columns, ArrowUp: at - columns, Home: 0, End: buttons.length - 1 }[event.key];
  if (to === undefined || at < 0) return;
  event.preventDefault();
  buttons[to]?.focus();
}
