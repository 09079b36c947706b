// The browser's Back closes what is open over the page, before it leaves the view.
//
// What opens puts a step into the browser's history. Closed by hand, it leaves the step there: going back at once could
// overtake a click that comes right after. The next that opens uses it again, and Back passes over it.

const isOver = () => Boolean(history.state?.isOver);

/** The view over which something was opened, while that step is the present one; else null. */
let over = isOver() ? location.hash : null;

/** Have Back close the dialog that opens now. */
export function closeOnBack() {
  if (!isOver()) history.pushState({ isOver: true }, "");
  over = location.hash;
}

addEventListener("popstate", () => {
  const left = over;
  over = isOver() ? location.hash : null;
  if (left === null || over !== null) return;
  const open = document.querySelectorAll("dialog[open]");
  for (const dialog of open) dialog.close();
  if (open.length === 0 && location.hash === left) history.back();
});
