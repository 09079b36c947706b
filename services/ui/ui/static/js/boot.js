// Runs before the first paint: a chosen theme never flashes, and a page that did not arrive in full is asked for again.
(() => {
  const kept = localStorage.getItem("theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;

  const TRIES = "loading-tries";
  const MOST = 5;
  const WAIT_MS = 800;

  // a module that is missing (the network changed, the server was starting) stops all others, and says so only here
  addEventListener("error", ({ target }) => {
    if (!(target instanceof HTMLScriptElement) && !(target instanceof HTMLLinkElement)) return;
    const tries = Number(sessionStorage.getItem(TRIES)) + 1;
    sessionStorage.setItem(TRIES, tries);
    if (tries <= MOST) setTimeout(() => location.reload(), tries * WAIT_MS);
    else tell();
  }, true);
  addEventListener("digitscribe-ready", () => sessionStorage.removeItem(TRIES));

  function tell() {
    const banner = document.getElementById("banner");
    banner.textContent = "A part of the page did not arrive. Look whether Digitscribe runs (make up), then reload.";
    banner.hidden = false;
    sessionStorage.removeItem(TRIES);
  }
})();
