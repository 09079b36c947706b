// The browser's Back closes what is open over the page, before it leaves the view.

const isOver = () => Boolean(history.state?.isOver);

/** Have Back close `dialog`; to be called when it opens. Closed otherwise, it leaves no step behind. */
export function closeOnBack(dialog) {
  if (!isOver()) history.pushState({ isOver: true }, "");
  dialog.addEventListener("close", () => isOver() && !document.querySelector("dialog[open]") && history.back(), { once: true });
}

addEventListener("popstate", () => {
  if (isOver()) return;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
});
