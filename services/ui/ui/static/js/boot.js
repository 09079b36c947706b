// Runs before the first paint: a chosen theme never flashes, and a page that did not arrive in full is asked for again.
(() => {
  const kept = theme();
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;

  const MOST = 5;
  const WAIT_MS = 800;

  // a module that is missing (the network changed, the server was starting) stops all others, and says so only here
  addEventListener("error", ({ target }) => {
    if (!(target instanceof HTMLScriptElement) && !(target instanceof HTMLLinkElement)) return;
    const tries = (history.state?.tries ?? 0) + 1;
    count(tries);
    if (tries <= MOST) setTimeout(() => location.reload(), tries * WAIT_MS);
    else tell();
  }, true);
  addEventListener("digitscribe-ready", () => count(0));

  /** As storage.js reads it, which as a module would come too late. */
  function theme() {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // the browser keeps nothing for this page
    }
  }

  /** In the history's entry, which outlives a reload also where storage is blocked. */
  function count(tries) {
    history.replaceState({ tries }, "");
  }

  function tell() {
    if (document.readyState === "loading") return addEventListener("DOMContentLoaded", tell);
    const banner = document.getElementById("banner");
    banner.textContent = "A part of the page did not arrive. Look whether Digitscribe runs (make up), then reload.";
    banner.hidden = false;
    count(0);
  }
})();
