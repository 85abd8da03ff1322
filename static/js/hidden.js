// Characters that nobody sees, each in a box that names it. Twin of common/text.py and of the
// template filter `shown`: tests/browser/test_hidden_characters.py drives both. Text is never changed.

const HIDDEN = new RegExp(
  "\\u{1f3f4}[\\u{e0030}-\\u{e0039}\\u{e0061}-\\u{e007a}]{1,6}\\u{e007f}" + // a flag, seen
    "|(\\r(?!\\n)|[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5" +
    "\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb" +
    "\\ud800-\\udfff\\u{e0000}-\\u{e00ff}\\u{e01f0}-\\u{e0fff}]" +
    "|(?<=[\\ufe00-\\ufe0f])[\\ufe00-\\ufe0f]|(?<!\\p{Script=Han})[\\u{e0100}-\\u{e01ef}]" +
    "|(?<![\\p{L}\\p{M}\\p{Emoji_Modifier}\\p{Extended_Pictographic}])[\\u200c\\u200d]" +
    "|(?<=[\\p{Script=Latin}\\p{Script=Greek}\\p{Script=Cyrillic}\\p{Script=Han}])[\\u200c\\u200d])",
  "gu",
);

/** Offsets, in UTF-16 units, of the characters that nobody sees. */
export const unseen = (text) =>
  Array.from(text.matchAll(HIDDEN)).filter((found) => found[1]).map(({ index }) => index);

function box(character) {
  const node = document.createElement("span");
  node.className = "unseen";
  node.title = document.body.dataset.unseen ?? "";
  const code = character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  node.dataset.code = `<U+${code}>`;
  node.textContent = character;
  return node;
}

/** What shows the text: strings, and a box for each hidden character. Joined, it is the text. */
export function shown(text) {
  const parts = [];
  let passed = 0;
  for (const at of unseen(text)) {
    const character = String.fromCodePoint(text.codePointAt(at));
    parts.push(text.slice(passed, at), box(character));
    passed = at + character.length;
  }
  return [...parts, text.slice(passed)].filter((part) => part !== "");
}
