// Digits as the page's language writes them, and as programs read them.

const DEVANAGARI = "०१२३४५६७८९";
const inDevanagari = /^(mr|hi)\b/.test(document.documentElement.lang);

export const toPage = (value) =>
  inDevanagari ? String(value).replace(/[0-9]/g, (digit) => DEVANAGARI[digit]) : String(value);

export const toAscii = (text) => text.replace(/[०-९]/g, (digit) => DEVANAGARI.indexOf(digit));
