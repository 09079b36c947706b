// Puts the page together: views by the address's hash, the strip, the theme.

import { createCameras } from "./cameras.js";
import { h, icon } from "./dom.js";
import { createDraw } from "./draw.js";
import { createHistory } from "./history.js";
import { Live } from "./live.js";
import { createModels } from "./models.js";
import { createStatus } from "./status.js";
import { createUpload } from "./upload.js";

/** Views in the order of the navigation: name → maker. A maker answers {element, title, shown?, hidden?}. */
const VIEWS = { draw: createDraw, upload: createUpload, cameras: createCameras, models: createModels, history: createHistory };
const FIRST = "draw";

const byId = (id) => document.getElementById(id);
const live = new Live();
const views = new Map();
let current = null;

function showView(name) {
  if (location.hash !== `#/${name}`) location.hash = `#/${name}`;
}

function viewOf(name) {
  if (!views.has(name)) views.set(name, VIEWS[name]({ live, showView }));
  return views.get(name);
}

function route() {
  const asked = location.hash.replace(/^#\//, "");
  const name = asked in VIEWS ? asked : FIRST;
  const view = viewOf(name);
  if (view === current) return;
  current?.hidden?.();
  current = view;
  byId("main").replaceChildren(view.element);
  view.shown?.();
  document.title = name === FIRST ? "Digitscribe" : `${view.title} · Digitscribe`;
  for (const link of byId("nav").children) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function createNav() {
  const titles = { draw: "Draw", upload: "Upload", cameras: "Cameras", models: "Models", history: "History" };
  byId("nav").append(...Object.keys(VIEWS).map((name) => h("a", { href: `#/${name}`, dataset: { view: name } }, icon(name), h("span", {}, titles[name]))));
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
    localStorage.setItem("theme", theme);
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
createNav();
createThemeButton();
createStatus({ live, strip: byId("strip"), banner: byId("banner") });
viewOf("upload"); // takes drops and pastes wherever the person is
window.addEventListener("hashchange", route);
route();
live.start();
dispatchEvent(new Event("digitscribe-ready"));
