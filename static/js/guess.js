// Asks which output was the tuned model's, once the item's own questions are answered.

function setUp() {
  const form = document.getElementById("answer");
  const question = form.querySelector("[data-guess]");
  const choices = [...question.querySelectorAll("input")];

  function isAnswered(part) {
    const value = form.elements[part.dataset.requiredValue];
    return value ? value.value !== "" && value.checkValidity() : part.querySelector(":checked");
  }

  function isComplete() {
    const asked = [...form.querySelectorAll("[data-required], [data-required-value]")];
    const open = asked.some((part) => !part.closest("[hidden]") && !isAnswered(part));
    return !open && !form.querySelector(".error-row.is-unfinished");
  }

  // A choice that is not shown cannot be made, not even by its key.
  function show(isShown) {
    question.hidden = !isShown;
    for (const choice of choices) choice.disabled = !isShown;
  }

  function look() {
    if (!question.hidden || !isComplete()) return;
    show(true);
    question.querySelector("[data-guess-said]").textContent = question.querySelector("legend").textContent;
  }

  show(choices.some((choice) => choice.checked) || isComplete());
  form.addEventListener("change", look);
  form.addEventListener("nikash:restore", look);
}

setUp();
document.addEventListener("nikash:item", setUp);
