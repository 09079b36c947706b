// Puts the page together: views by the address's hash, the strip, the theme.

import { createCameras } from "./cameras.js";
import { h, icon } from "./dom.js";
import { createDraw } from "./draw.js";
import { createHistory } from "./history.js";
import { createStyleSign } from "./looking.js";
import { Live } from "./live.js";
import { createModels } from "./models.js";
import { createNav } from "./nav.js";
import { createStatus } from "./status.js";
import { keep } from "./storage.js";
import { createSystem } from "./system.js";
import { createUpload } from "./upload.js";
import { createWebcam } from "./webcam.js";

/**
 * Views in the order of the navigation; a maker answers {element, title, shown?, hidden?}. On a phone those of `more`
 * wait behind a button: a thumb has room for five.
 */
const VIEWS = {
  draw: { title: "Draw", make: createDraw },
  upload: { title: "Upload", make: createUpload },
  webcam: { title: "Webcam", make: createWebcam },
  history: { title: "History", make: createHistory },
  cameras: { title: "Cameras", make: createCameras, more: true },
  models: { title: "Models", make: createModels, more: true },
  system: { title: "System", make: createSystem, more: true },
};
const FIRST = "draw";

const byId = (id) => document.getElementById(id);
const live = new Live();
const views = new Map();
let current = null;

function showView(name) {
  if (location.hash !== `#/${name}`) location.hash = `#/${name}`;
}

function viewOf(name) {
  if (!views.has(name)) views.set(name, VIEWS[name].make({ live, showView }));
  return views.get(name);
}

function route() {
  const asked = location.hash.replace(/^#\//, "");
  const name = Object.hasOwn(VIEWS, asked) ? asked : FIRST;
  const view = viewOf(name);
  if (view === current) return;
  current?.hidden?.();
  current = view;
  byId("main").replaceChildren(view.element);
  view.shown?.();
  document.title = name === FIRST ? "Digitscribe" : `${view.title} · Digitscribe`;
  nav.show(name);
}

function createThemeButton() {
  const button = byId("theme");
  const systemDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme ?? (systemDark.matches ? "dark" : "light")) === "dark";
  const render = () => {
    button.setAttribute("aria-label", isDark() ? "Light theme" : "Dark theme");
    button.title = button.getAttribute("aria-label");
    button.replaceChildren(icon(isDark() ? "sun" : "moon"));
  };
  button.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    keep("theme", theme);
    render();
    document.dispatchEvent(new Event("themechange"));
  });
  systemDark.addEventListener("change", render);
  render();
}

// a plain link to #main would leave the view, for the hash is the view's name
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
const nav = createNav(byId("nav"), VIEWS);
createThemeButton();
byId("theme").before(createStyleSign());
createStatus({ live, strip: byId("strip"), banner: byId("banner") });
viewOf("upload"); // takes drops and pastes wherever the person is
window.addEventListener("hashchange", route);
route();
live.start();
dispatchEvent(new Event("digitscribe-ready"));
