// The header: applies the chosen theme before the first paint (a classic script, so that nothing
// flashes), switches it, and shuts open menus.
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

  /** Header menus are plain <details>; a click elsewhere or Escape shuts them. */
  function shutMenus(event) {
    document.querySelectorAll("[data-menu][open]").forEach((menu) => {
      if (event.type === "click" && menu.contains(event.target)) return;
      if (event.type === "keydown" && menu.contains(document.activeElement)) {
        menu.querySelector("summary").focus();
      }
      menu.open = false;
    });
  }

  /** Who signs out leaves no item readable on the device; answers on their way stay. */
  async function forgetItems() {
    for (const name of (await globalThis.caches?.keys()) ?? []) {
      if (name.startsWith("nikash-items-")) await caches.delete(name);
    }
  }

  const choice = stored();
  if (choice === "light" || choice === "dark") root.dataset.theme = choice;
  deviceWish.addEventListener("change", announce);
  document.addEventListener("click", shutMenus);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") shutMenus(event);
  });
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelector("form[data-sign-out]")?.addEventListener("submit", forgetItems);
    const here = document.querySelector(".nav [aria-current]");
    here?.scrollIntoView({ inline: "center", block: "nearest" });
    document.querySelectorAll("[data-theme-toggle]").forEach((button) => {
      show(button);
      button.addEventListener("click", toggle);
    });
  });
})();
