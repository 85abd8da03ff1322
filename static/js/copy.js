// Copies the text of the field beside the button, where the browser allows it.

const button = document.querySelector("[data-copy]");
const field = document.querySelector("[data-copied]");

if (button && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.done;
  });
}
field?.addEventListener("focus", () => field.select());
