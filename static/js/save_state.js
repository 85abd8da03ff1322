// Says what became of the answers; it never says "saved" while one waits.

import { toPage } from "./digits.js";
import { SignedOut, SomeoneElse } from "./outbox.js";
import * as store from "./store.js";

export function link(href, textContent) {
  return Object.assign(document.createElement("a"), { href, textContent });
}

// state: the element; words: the sentences; login: where one signs in; outbox: whose answers;
// more: a sentence that stays until answers are sent; notice: one that stands in for "saved".
export async function showState({ state, words, login, outbox, more = "", notice = "" }, error) {
  const { made } = outbox;
  const [waiting, told] = [await outbox.waiting(), await outbox.told()];
  const isLasting = await store.isLasting();
  if (outbox.made !== made) return; // another answer came meanwhile, and will be told of
  const parts = [];
  if (error instanceof SomeoneElse) parts.push(words.someoneElse);
  else if (error instanceof SignedOut) parts.push(...signedOut(words, login, isLasting));
  else if (waiting) parts.push((isLasting ? words.waiting : words.waitingHere).replace("{n}", toPage(waiting)));
  else if (!told.length) parts.push(notice || words.saved);
  for (const letter of told) {
    parts.push(`${whySetAside(letter, words)} `);
    if (letter.address === location.pathname) continue;
    const open = link(letter.address, words.open);
    open.addEventListener("click", (event) => follow(event, outbox.seen(letter)));
    parts.push(open, " ");
  }
  if (waiting && more) parts.push(" ", more);
  if (!isLasting) parts.push(" ", words.notLasting);
  state.replaceChildren(...parts);
}

// Where a link opens in place, what has to be kept is kept first: that page may not do it, being gone.
async function follow(event, kept) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  await kept;
  location.assign(event.target.href);
}

function whySetAside({ isOvertaken, reason, status }, words) {
  if (isOvertaken) return words.overtaken;
  return reason || words.notTaken.replace("{n}", toPage(status));
}

// What only this page holds must not go with it: one then signs in beside it.
function signedOut(words, login, isLasting) {
  const signIn = link(login, words.signIn);
  if (!isLasting) signIn.target = "_blank";
  return [isLasting ? words.signedOut : words.signedOutHere, " ", signIn];
}

// Asks before a page is closed while answers wait. Going on to another page of this site loses
// nothing that is kept on the device, and is not asked about.
export class Guard {
  constructor(outbox) {
    this.isGoingOn = false;
    addEventListener("beforeunload", (event) => {
      if (outbox.unsent && !this.isGoingOn) event.preventDefault();
    });
    document.addEventListener("click", (event) => {
      const anchor = event.target.closest?.("a[href]");
      if (anchor && anchor.target !== "_blank" && anchor.origin === location.origin) this.goOn();
    });
  }

  async goOn(address = "") {
    this.isGoingOn = await store.isLasting();
    setTimeout(() => (this.isGoingOn = false), 1000);
    if (address) location.assign(address);
  }
}
