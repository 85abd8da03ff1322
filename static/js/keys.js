// The key that was meant, whichever script the keyboard writes: ५ is 5, and the key that has O on a
// Latin keyboard is o.

import { toAscii } from "./digits.js";

export function keyOf(event) {
  const key = toAscii(event.key);
  if (/^[\x20-\x7e]+$/.test(key)) return key;
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  return (event.shiftKey ? letter : letter?.toLowerCase()) ?? key;
}
