// Answers on their way: kept in this browser until the server has acknowledged them, sent in order.
// Each carries its own key, so that sending one twice stores it once. Nothing is thrown away: what
// the server refuses is set aside, with the reason.

import { dropKept } from "./batch.js";
import * as store from "./store.js";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;
const LONGEST_ANSWER_MS = 20000;
const MOST_HEARD = 20; // acknowledgements that nobody has asked about yet
const MOST_HELD = 2; // items left for later before the server is taken to be ill
const LARGEST_KEPT_ALIVE = 60000; // bytes that a browser sends on after its page has gone

export class SignedOut extends Error {}
export class SomeoneElse extends SignedOut {}
export class Refused extends Error {}
class Stumbled extends Error {} // an error of the server's own

const cookie = (name) => document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`))?.[1] ?? "";
const mine = (letters, person) => letters.filter((letter) => letter.person === person);
const fieldOf = (letter, name) => new URLSearchParams(letter.body).get(name);

// crypto.randomUUID exists on https and localhost only.
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// One person's answers on this device; another's wait until they sign in again.
export class Outbox {
  constructor(person, onChange = () => {}) {
    Object.assign(this, { person, onChange, flushing: null, isWanted: false, wait: FIRST_WAIT_MS });
    this.unsent = 0; // as far as this page knows
    this.arriving = 0; // being kept just now
    this.made = 0; // since the page was opened
    this.acknowledged = new Map(); // by key, what the server said to this page
    this.tabs = new BroadcastChannel("nikash-outbox");
    this.tabs.addEventListener("message", () => this.unsent && this.again());
    addEventListener("online", () => this.again());
    addEventListener("focus", () => this.again());
  }

  async waiting() {
    const kept = mine(await store.all("outbox"), this.person);
    this.unsent = kept.length + this.arriving;
    return this.unsent;
  }

  refused = async () => mine(await store.all("refused"), this.person);

  // What this page should tell of them.
  async told() {
    const here = ({ isSeen, address }) => !isSeen || address === location.pathname;
    return (await this.refused()).filter(here);
  }

  // kept: the same answer as the page puts it back; both are kept, or neither.
  async put(address, fields, kept) {
    this.made += 1;
    this.unsent += 1;
    this.arriving += 1;
    const body = new URLSearchParams(fields).toString();
    await store.put({ outbox: { person: this.person, address, body }, answers: kept });
    this.arriving -= 1;
  }

  // One looks at an item: from now on, what is set aside of it is told on its own page only.
  async see(address) {
    for (const letter of await this.refused()) if (letter.address === address) await this.seen(letter);
  }

  seen(letter) {
    if (letter.isOvertaken) return store.remove("refused", letter.id);
    return store.put({ refused: { ...letter, isSeen: true } });
  }

  async forget(address) {
    for (const letter of await this.refused()) {
      if (letter.address === address) await store.remove("refused", letter.id);
    }
  }

  // Sends everything that waits; rejects with the first obstacle. One tab sends at a time where the
  // browser can see to that.
  flush() {
    this.isWanted = true;
    this.flushing ??= this.turns();
    return this.flushing;
  }

  async turns() {
    let refusal = null;
    try {
      do {
        this.isWanted = false;
        const run = () => this.run();
        refusal = (await (navigator.locks?.request("nikash-outbox", run) ?? run())) ?? refusal;
      } while (this.isWanted); // something came in as the last turn ended
    } finally {
      this.flushing = null;
    }
    if (refusal) throw refusal;
  }

  // Resolves with the last refusal. An item at which the server stumbles does not hold up others.
  async run() {
    const held = new Map();
    let refusal = null;
    for (;;) {
      const letters = mine(await store.all("outbox"), this.person);
      const letter = letters.find(({ address }) => !held.has(address));
      if (!letter) break;
      try {
        await this.settle(letter, await this.send(letter));
        this.wait = FIRST_WAIT_MS;
      } catch (error) {
        if (error instanceof Stumbled && held.size < MOST_HELD) {
          held.set(letter.address, error);
          continue;
        }
        if (!(error instanceof Refused)) {
          if (!(error instanceof SignedOut)) this.retry();
          throw error;
        }
        refusal = error;
        await this.setAside(letter, { reason: error.message, status: error.status });
      }
      await store.remove("outbox", letter.id);
      this.onChange();
      this.tabs.postMessage("sent");
    }
    if (held.size) {
      this.retry();
      throw [...held.values()][0];
    }
    return refusal;
  }

  // What the server said to an answer of this page, once.
  take(key) {
    const answer = this.acknowledged.get(key);
    this.acknowledged.delete(key);
    return answer;
  }

  async settle(letter, answer) {
    this.acknowledged.set(fieldOf(letter, "key"), answer);
    if (this.acknowledged.size > MOST_HEARD) this.take(this.acknowledged.keys().next().value);
    const newest = await store.get("answers", letter.address);
    const isOurs = newest?.person === this.person && newest.sequence >= answer.sequence;
    if (answer.sequence <= Number(fieldOf(letter, "sequence")) || isOurs) {
      await this.forget(letter.address);
    } else if (fieldOf(letter, "finish") === "1") {
      await this.setAside(letter, { isOvertaken: true });
      await dropKept(letter.address);
    }
  }

  // The newest of an item holds everything that older ones did.
  async setAside({ id, ...letter }, why) {
    await this.forget(letter.address);
    await store.put({ refused: { ...letter, ...why } });
  }

  async send({ address, body }) {
    const answer = await fetch(address, {
      method: "POST",
      keepalive: body.length < LARGEST_KEPT_ALIVE,
      redirect: "manual",
      signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
      headers: {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-CSRFToken": cookie("__Host-csrftoken") || cookie("csrftoken"),
        "X-Nikash-Person": this.person,
        Accept: "application/json",
      },
      body,
    });
    if (answer.type === "opaqueredirect") throw new SignedOut();
    const words = await answer.json().catch(() => ({}));
    if (words.error?.code === "someone_else") throw new SomeoneElse();
    if (answer.status === 403) throw new SignedOut();
    if (answer.status === 429) throw new Error("later");
    if (answer.status >= 500) throw new Stumbled(answer.status);
    if (!answer.ok) throw Object.assign(new Refused(words.error?.message), { status: answer.status });
    if (!words.saved) throw new Error("not acknowledged");
    return words;
  }

  retry() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.again(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
  }

  // Another tab may have sent what this page knew of.
  async again() {
    const knew = this.unsent;
    if (!(await this.waiting()) && !knew) return;
    await this.flush().then(() => this.onChange(), this.onChange);
  }
}
