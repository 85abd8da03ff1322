// My work: sends what still waits on this device, and says so.

import { Outbox } from "./outbox.js";
import { Guard, showState } from "./save_state.js";

const state = document.querySelector("[data-state]");
const words = JSON.parse(document.getElementById("state-words").textContent);
const { person, login } = state.dataset;
const outbox = new Outbox(person, (error) => show(error));
const show = (error) => showState({ state, words, login, outbox }, error);

async function start() {
  if (!(await outbox.waiting()) && !(await outbox.told()).length) return;
  state.hidden = false;
  await show();
  outbox.flush().then(() => show(), show);
}

new Guard(outbox);
start();
