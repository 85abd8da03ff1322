// The form of a second thought: keys and branches as when answering, but nothing is sent until it
// is stored.

const form = document.getElementById("answer");
const state = form.querySelector("[data-state]");

function branch() {
  for (const question of form.querySelectorAll("[data-show-if]")) {
    const asked = form.querySelector(`input[name="${question.dataset.showIf}"]:checked`);
    question.hidden = !(Number(asked?.value ?? NaN) <= Number(question.dataset.atMost));
  }
}

form.addEventListener("change", branch);
form.addEventListener("nikash:say", (event) => (state.textContent = event.detail));
form.addEventListener("submit", (event) => {
  if (!form.dispatchEvent(new CustomEvent("nikash:finish", { cancelable: true }))) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("textarea, input[type=text], input[type=number], a, button, summary")) return;
  const digit = "०१२३४५६७८९".indexOf(event.key);
  const choice = form.querySelector(`input[data-key="${CSS.escape(digit >= 0 ? String(digit) : event.key)}"]`);
  if (!choice) return;
  event.preventDefault();
  choice.focus();
  choice.click();
});

branch();
