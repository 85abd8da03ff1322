// Answers on their way: kept in this browser until the server has acknowledged them, sent in order.
// Each carries its own key, so that sending one twice stores it once. Nothing is thrown away: what
// the server refuses is set aside, with the reason.

import * as store from "./store.js";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;
const LONGEST_ANSWER_MS = 20000;
const LARGEST_KEPT_ALIVE = 60000; // bytes that a browser sends on after its page has gone

export class SignedOut extends Error {}
export class Refused extends Error {}

const cookie = (name) => document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`))?.[1] ?? "";
const mine = (letters, person) => letters.filter((letter) => letter.person === person);

// One person's answers on this device; another's wait until they sign in again.
export class Outbox {
  constructor(person, onChange = () => {}) {
    Object.assign(this, { person, onChange, flushing: null, wait: FIRST_WAIT_MS });
    addEventListener("online", () => this.flush().catch(() => {}));
  }

  waiting = async () => mine(await store.all("outbox"), this.person).length;
  refused = async () => mine(await store.all("refused"), this.person);

  put(address, fields) {
    const body = new URLSearchParams(fields).toString();
    return store.put("outbox", { person: this.person, address, body });
  }

  forget = (id) => store.remove("refused", id);

  // Sends everything that waits; resolves with the last acknowledgement, rejects with the first
  // obstacle. One tab sends at a time where the browser can see to that.
  flush() {
    const run = () => this.run();
    this.flushing ??= (navigator.locks?.request("nikash-outbox", run) ?? run()).finally(() => {
      this.flushing = null;
    });
    return this.flushing;
  }

  async run() {
    let last = null;
    let refusal = null;
    for (;;) {
      const [letter] = mine(await store.all("outbox"), this.person);
      if (!letter) break;
      try {
        last = { ...(await this.send(letter)), address: letter.address };
        this.wait = FIRST_WAIT_MS;
      } catch (error) {
        if (!(error instanceof Refused)) {
          if (!(error instanceof SignedOut)) this.retry();
          throw error;
        }
        refusal = error;
        const { id, ...rest } = letter;
        await store.put("refused", { ...rest, reason: error.message });
      }
      await store.remove("outbox", letter.id);
      this.onChange();
    }
    if (refusal) throw refusal;
    return last;
  }

  async send({ address, body }) {
    const answer = await fetch(address, {
      method: "POST",
      keepalive: body.length < LARGEST_KEPT_ALIVE,
      redirect: "manual",
      signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
      headers: {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-CSRFToken": cookie("csrftoken"),
        Accept: "application/json",
      },
      body,
    });
    if (answer.type === "opaqueredirect" || answer.status === 403) throw new SignedOut();
    if (answer.status >= 500 || answer.status === 429) throw new Error(`status ${answer.status}`);
    const words = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(words.error?.message ?? `status ${answer.status}`);
    if (!words.saved) throw new Error("not acknowledged");
    return words;
  }

  retry() {
    setTimeout(() => this.flush().then(this.onChange, this.onChange), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
  }
}
