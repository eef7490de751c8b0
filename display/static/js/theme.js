/* Resolves data-theme="auto" to what this device asks for, now and whenever that changes. Loaded in the head, before
   anything is painted; a browser that knows neither question (Chromium 64) stays light. */

(function () {
  const root = document.documentElement;
  if (root.getAttribute("data-theme") !== "auto") {
    return;
  }
  const contrast = window.matchMedia("(prefers-contrast: more)");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  function choose() {
    root.setAttribute("data-theme", contrast.matches ? "contrast" : dark.matches ? "dark" : "light");
  }
  contrast.addListener(choose);
  dark.addListener(choose);
  choose();
})();
