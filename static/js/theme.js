// Applies the chosen theme before the first paint; a classic script, so that nothing flashes.
(() => {
  const KEY = "nikash-theme";
  const root = document.documentElement;
  const deviceWish = window.matchMedia("(prefers-color-scheme: dark)");

  function stored() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage may be shut off; the device's wish then holds
    }
  }

  function isDark() {
    return (root.dataset.theme ?? (deviceWish.matches ? "dark" : "light")) === "dark";
  }

  function show(button) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(isDark()));
  }

  function announce() {
    document.querySelectorAll("[data-theme-toggle]").forEach(show);
    document.dispatchEvent(new CustomEvent("nikash:theme", { detail: { dark: isDark() } }));
  }

  function toggle() {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem(KEY, root.dataset.theme);
    } catch {
      // the choice then lasts for this page only
    }
    announce();
  }

  const choice = stored();
  if (choice === "light" || choice === "dark") root.dataset.theme = choice;
  deviceWish.addEventListener("change", announce);
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-theme-toggle]").forEach((button) => {
      show(button);
      button.addEventListener("click", toggle);
    });
  });
})();
