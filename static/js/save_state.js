// Says what became of the answers; it never says "saved" while one waits.

import { toPage } from "./digits.js";
import { SignedOut } from "./outbox.js";
import * as store from "./store.js";

export function link(href, textContent) {
  return Object.assign(document.createElement("a"), { href, textContent });
}

// state: the element; words: the sentences; login: where one signs in; outbox: whose answers;
// more: a sentence that stays until answers are sent; notice: one that stands in for "saved".
export async function showState({ state, words, login, outbox, more = "", notice = "" }, error) {
  const [waiting, refused] = [await outbox.waiting(), await outbox.refused()];
  const parts = [];
  if (error instanceof SignedOut) parts.push(words.signedOut, " ", link(login, words.signIn));
  else if (waiting) parts.push(words.waiting.replace("{n}", toPage(waiting)));
  else if (!refused.length) parts.push(notice || words.saved);
  for (const letter of refused) parts.push(`${letter.reason} `, link(letter.address, words.open), " ");
  if (waiting && more) parts.push(" ", more);
  if (!(await store.isLasting())) parts.push(" ", words.notLasting);
  state.replaceChildren(...parts);
}
