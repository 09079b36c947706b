// The way from view to view: a row of links on a desktop, a bar at the thumb on a phone.

import { h, icon } from "./dom.js";

/**
 * Fill `nav` with links to `views` (name → {title, more?}).
 * @returns {{show: (name: string) => void}} `show` marks the view that is on screen
 */
export function createNav(nav, views) {
  const names = Object.keys(views);
  const link = (name) => h("a", { href: `#/${name}`, dataset: { view: name } }, icon(name), h("span", {}, views[name].title));
  const more = createMore(names.filter((name) => views[name].more).map(link));
  nav.append(...names.filter((name) => !views[name].more).map(link), more.element);
  return {
    show(name) {
      for (const each of nav.querySelectorAll("a")) {
        if (each.dataset.view === name) each.setAttribute("aria-current", "page");
        else each.removeAttribute("aria-current");
      }
      more.show(Boolean(views[name].more));
    },
  };
}

/** On a wide screen its links stand in the row with the others; on a narrow one they open above the bar. */
function createMore(links) {
  const menu = h("div", { class: "more-menu", id: "more-menu" }, links);
  const button = h("button", { type: "button", class: "more-button", "aria-expanded": "false", "aria-controls": menu.id }, icon("more"), h("span", {}, "More"));
  const element = h("div", { class: "more" }, menu, button);
  const open = (on) => {
    element.classList.toggle("open", on);
    button.setAttribute("aria-expanded", String(on));
  };
  button.addEventListener("click", () => open(!element.classList.contains("open")));
  document.addEventListener("pointerdown", ({ target }) => element.contains(target) || open(false));
  element.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !element.classList.contains("open")) return;
    open(false);
    button.focus();
  });
  return {
    element,
    show(inside) {
      open(false);
      button.classList.toggle("current", inside);
    },
  };
}
