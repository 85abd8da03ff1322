// The new campaign's form: shows the options of the chosen protocol only.

const protocol = document.querySelector("select[name=protocol]");
const groups = [...document.querySelectorAll("[data-protocol]")];

function show() {
  for (const group of groups) group.hidden = group.dataset.protocol !== protocol.value;
}

protocol.addEventListener("change", show);
show();
