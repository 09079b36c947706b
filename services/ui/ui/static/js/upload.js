// Pictures from files: dropped, pasted or chosen, several at once.

import { h, icon, openDialog } from "./dom.js";
import { bindKeys, Reading } from "./reading.js";
import { createResult } from "./result.js";
import { createSamples } from "./samples.js";
import { Tray } from "./tray.js";

const ACCEPT = "image/*,.tif,.tiff,.bmp,.webp,.heic,.heif";

/** The view to which pictures are given. */
export function createUpload({ live, showView }) {
  const reading = new Reading();
  const tray = new Tray(reading, live);
  const left = h("div", { class: "upload" }, dropArea(tray), createSamples((files) => tray.add(files)), tray.picture, tray.results);
  tray.onchange = () => left.classList.toggle("has-files", !tray.isEmpty);
  const element = h("div", { class: "workspace" }, h("h1", { class: "visually-hidden" }, "Upload pictures of numbers"), left, createResult(reading, "Drop a photo of handwritten digits, and they are read here."));
  bindKeys(element, reading);
  takeDrops(tray, left, showView);
  takePastes(tray, showView);
  return { element, title: "Upload" };
}

function dropArea(tray) {
  const input = h("input", { type: "file", multiple: true, accept: ACCEPT, class: "visually-hidden", id: "file-input", tabIndex: -1, "aria-label": "Pictures to read" });
  input.addEventListener("change", () => {
    tray.add([...input.files]);
    input.value = "";
  });
  return h("div", { class: "drop" }, icon("upload"),
    h("div", {}, h("strong", {}, "Drop pictures here"), h("p", { class: "small" }, "or paste them, or choose some")),
    h("button", { type: "button", class: "button primary", onclick: () => input.click() }, "Choose pictures"),
    h("p", { class: "small formats" }, "JPEG, PNG, HEIC, WebP, TIFF, BMP or GIF; several at once, of each its first page; dark on light or light on dark"), input);
}

/** Files may be dropped anywhere on the page. */
function takeDrops(tray, element, showView) {
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    showView("upload");
    element.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) element.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    element.classList.remove("over");
    tray.add([...event.dataTransfer.files]);
  });
}

function takePastes(tray, showView) {
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || openDialog()) return;
    showView("upload");
    tray.add(files);
  });
}
