// Answers on their way: kept in this browser until the server has acknowledged them, sent in order.
// Each carries its own key, so that sending one twice stores it once.

const STORE = "nikash-outbox";
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;

export class SignedOut extends Error {}
export class Refused extends Error {}

const read = () => JSON.parse(localStorage.getItem(STORE) ?? "[]");
const write = (letters) => localStorage.setItem(STORE, JSON.stringify(letters));
const cookie = (name) => document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`))?.[1] ?? "";

export const waiting = () => read().length;

export function put(address, fields) {
  write([...read(), { address, body: new URLSearchParams(fields).toString() }]);
}

async function send(letter) {
  const answer = await fetch(letter.address, {
    method: "POST",
    keepalive: letter.body.length < 60000,
    redirect: "manual",
    headers: {
      "Content-Type": "application/x-www-form-urlencoded",
      "X-CSRFToken": cookie("csrftoken"),
      Accept: "application/json",
    },
    body: letter.body,
  });
  if (answer.type === "opaqueredirect" || answer.status === 403) throw new SignedOut();
  if (answer.status >= 500 || answer.status === 429) throw new Error(`status ${answer.status}`);
  const words = await answer.json();
  if (!answer.ok) throw new Refused(words.error?.message ?? `status ${answer.status}`);
  return words;
}

let flushing = null;
let wait = FIRST_WAIT_MS;

// Sends everything that waits; resolves with the last acknowledgement, rejects with the first
// obstacle. A letter that the server refuses for good is taken out: it would block the others.
export function flush(onChange = () => {}) {
  flushing ??= run(onChange).finally(() => (flushing = null));
  return flushing;
}

async function run(onChange) {
  let last = null;
  let refused = null;
  while (read().length) {
    const [letter] = read();
    try {
      last = await send(letter);
      wait = FIRST_WAIT_MS;
    } catch (error) {
      if (!(error instanceof Refused)) {
        if (!(error instanceof SignedOut)) retry(onChange);
        throw error;
      }
      refused = error;
    }
    write(read().slice(1));
    onChange();
  }
  if (refused) throw refused;
  return last;
}

function retry(onChange) {
  setTimeout(() => flush(onChange).then(onChange, onChange), wait);
  wait = Math.min(wait * 2, LONGEST_WAIT_MS);
}
