// Spans of text: whole characters, words, checked offsets, pieces to draw, the keyboard's steps.
// Twin of annotation/spans.py: tests/annotation/span_cases.json drives both. Text is never changed.
// Offsets count Unicode code points, a span is [start, end), a caret is a span with start === end.

// Indic_Conjunct_Break=Linker and =Consonant of Unicode 17 (UAX #44), and Gurmukhi and Kannada.
const LINKERS =
  "94D 9CD A4D ACD B4D C4D CCD D4D 1039 17D2 1A60 1B44 1BAB 1CF5-1CF6 A9C0 AAF6 10A3F 11133 " +
  "113D0 1193E 11A3A 11A47 11A99 11F42";
const CONSONANTS =
  "915-939 958-95F 978-97F 995-9B9 9DC-9DF 9F0-9F1 A15-A39 A59-A5E A95-AB9 AF9 B15-B39 B5C-B5F " +
  "B71 C15-C39 C58-C5A C95-CB9 CDD-CDE D15-D3A 1000-102A 103F 1050-1055 105A-105D 1061 " +
  "1065-1066 106E-1070 1075-1081 108E 1780-17B3 1A20-1A54 1B0B-1B0C 1B13-1B33 1B45-1B4C " +
  "1B83-1BA0 1BAE-1BAF 1BBB-1BBD A989-A98B A98F-A9B2 A9E0-A9E4 A9E7-A9EF A9FA-A9FE AA60-AA6F " +
  "AA71-AA73 AA7A AA7E-AA7F AAE0-AAEA ABC0-ABDA 10A00 10A10-10A35 11103-11126 11144 11147 " +
  "11380-113B5 11900-1192F 11A00 11A0B-11A32 11A50 11A5C-11A83 11F04-11F33";

const characters = (ranges) => ranges.replace(/[0-9A-F]+/g, "\\u{$&}").replaceAll(" ", "");
const LINKER = new RegExp(`[${characters(LINKERS)}]`, "u");
// No part of this can fail after a long match: the time is linear in the text.
const MARKS_THEN_CONSONANT = new RegExp(
  `((?:(?!\\u200c)[\\p{Grapheme_Extend}\\p{Emoji_Modifier}\\u200d${characters(LINKERS)}])+)` +
    `([${characters(CONSONANTS)}])?`,
  "gu",
);
// Sinhala joins by virama and ZWJ only; Tamil has two conjuncts, KSSA and SHRII.
const OTHER_CONJUNCT =
  /\u0dca\u200d(?=[\u0d9a-\u0dc6])|\u0b95\u0bcd(?=\u0bb7)|[\u0bb6\u0bb8]\u0bcd(?=\u0bb0\u0bc0)/gu;
const BLANK = /^[\p{Z}\p{Cc}\p{Cf}]+$/u;
const ALONE = new RegExp(
  "^[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u30fc\\uff70]" +
    "|[\\p{Extended_Pictographic}\\p{Regional_Indicator}\\u20e3]",
  "u",
);
const LETTER = /[\p{L}\p{M}]/u;
const DIGIT = /\p{N}/u;
const INNER = new Set("'’-\u2010\u2011\u00ad\u2060");
const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

const width = (text, index) => (text.codePointAt(index) > 0xffff ? 2 : 1);
const pairs = (bounds) => bounds.slice(1).map((end, index) => [bounds[index], end]);

// The browser's segmenter takes about 1 ms for 1000 characters, and a page asks for the same texts
// again and again.
const known = new Map();

function units16(text) {
  if (!known.has(text)) {
    if (known.size === 64) known.clear();
    known.set(text, findUnits(text));
  }
  return known.get(text);
}

function findUnits(text) {
  const inside = new Set();
  for (const { index, 1: marks, 2: consonant } of text.matchAll(MARKS_THEN_CONSONANT)) {
    if (consonant && LINKER.test(marks)) inside.add(index + marks.length);
  }
  for (const match of text.matchAll(OTHER_CONJUNCT)) inside.add(match.index + match[0].length);
  const ends = Array.from(graphemes.segment(text), ({ index, segment }) => index + segment.length);
  return [0, ...ends.filter((end) => !inside.has(end))];
}

/** UTF-16 offsets, none within a surrogate pair and in rising order, as code points. */
function inCodePoints(text, offsets) {
  let at = 0;
  let passed = 0;
  return offsets.map((offset) => {
    for (; at < offset; at += width(text, at)) passed += 1;
    return passed;
  });
}

/**
 * Offsets between units, from 0 to the text's length; a span may start and end only there.
 * A unit is an extended grapheme cluster (UAX #29), joined to the next one where virama (and ZWJ)
 * stands before a consonant: rule GB9c, which not every browser has, without its condition on what
 * precedes the virama.
 */
export const unitBounds = (text) => inCodePoints(text, units16(text));

/** [start, end) of every unit. */
export const unitSpans = (text) => pairs(unitBounds(text));

function kindOf(unit) {
  if (BLANK.test(unit)) return "blank";
  if (ALONE.test(unit)) return "alone";
  if (LETTER.test(unit)) return "letter";
  return DIGIT.test(unit) ? "digit" : "alone";
}

/**
 * [start, end) of every word; what lies between words is white space or invisible.
 * A word is a run of units with letters, marks or digits, with apostrophes, hyphens and soft
 * hyphens between two letters. A Han or Kana unit, an emoji and a sign are words by themselves.
 */
export function wordSpans(text) {
  const bounds = units16(text);
  const units = pairs(bounds).map(([start, end]) => text.slice(start, end));
  const kinds = units.map(kindOf);
  const words = [];
  let growing = false;
  pairs(inCodePoints(text, bounds)).forEach(([start, end], index) => {
    const between = kinds[index - 1] === "letter" && kinds[index + 1] === "letter";
    const inner = growing && between && INNER.has(units[index]);
    const part = inner || kinds[index] === "letter" || kinds[index] === "digit";
    if (part && growing) words.at(-1)[1] = end;
    else if (kinds[index] !== "blank") words.push([start, end]);
    growing = part;
  });
  return words;
}

/** The text's length in code points. */
export const lengthOf = (text) => utf16ToCodePoints(text, text.length);

function isPlace(length, start, end) {
  if (!Number.isInteger(start) || !Number.isInteger(end)) return false;
  return start >= 0 && start <= end && end <= length;
}

function requirePlace(length, start, end) {
  if (isPlace(length, start, end)) return;
  throw new RangeError(`the span [${start}, ${end}) does not lie in the text, [0, ${length})`);
}

function lastAtOrBefore(bounds, offset) {
  let low = 0;
  let high = bounds.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (bounds[middle] <= offset) low = middle;
    else high = middle;
  }
  return low;
}

/** The span widened to whole units; a caret moves to the bound at or before it. */
export function snap(text, start, end) {
  requirePlace(lengthOf(text), start, end);
  const bounds = unitBounds(text);
  const floor = bounds[lastAtOrBefore(bounds, start)];
  if (start === end) return [floor, floor];
  const last = lastAtOrBefore(bounds, end);
  return [floor, bounds[last] === end ? end : bounds[last + 1]];
}

/** Whether the span lies in the text and cuts no unit. */
export function isOnBounds(text, start, end) {
  if (!isPlace(lengthOf(text), start, end)) return false;
  const [floor, ceiling] = snap(text, start, end);
  return floor === start && ceiling === end;
}

/** The span's text; "" for a caret. */
export function quote(text, start, end) {
  requirePlace(lengthOf(text), start, end);
  return text.slice(codePointsToUtf16(text, start), codePointsToUtf16(text, end));
}

/**
 * What is wrong with a span: "place" (not in the text), "text" (it holds something other than
 * `quoted`), "cut" (it cuts a unit in two), or "" when nothing is.
 */
export function checkSpan(text, start, end, quoted) {
  if (!isPlace(lengthOf(text), start, end)) return "place";
  if (quote(text, start, end) !== quoted) return "text";
  return isOnBounds(text, start, end) ? "" : "cut";
}

/** An offset in UTF-16 units as code points; within a surrogate pair, the pair's start. */
export function utf16ToCodePoints(text, offset) {
  if (!(offset >= 0 && offset <= text.length)) throw new RangeError(`no offset ${offset}`);
  let passed = 0;
  for (let at = 0; at < offset; at += width(text, at)) {
    if (at + width(text, at) <= offset) passed += 1;
  }
  return passed;
}

/** An offset in code points as UTF-16 units, the offset of this language's strings. */
export function codePointsToUtf16(text, offset) {
  let at = 0;
  let left = offset;
  for (; left > 0 && at < text.length; left -= 1) at += width(text, at);
  if (left !== 0) throw new RangeError(`no offset ${offset}`);
  return at;
}

/**
 * The text cut at every start and end of `spans` ([start, end] each): {start, end, marks}, where
 * marks are the indexes of the spans over the piece. Joined, the pieces are the text. Carets are
 * empty pieces of their own, before the text that follows them.
 */
export function segments(text, spans) {
  const length = lengthOf(text);
  spans.forEach(([start, end]) => requirePlace(length, start, end));
  const cuts = [...new Set([0, length, ...spans.flat()])].sort((a, b) => a - b);
  const starting = new Map(cuts.map((cut) => [cut, []]));
  spans.forEach(([start], index) => starting.get(start).push(index));
  const pieces = [];
  let open = [];
  cuts.forEach((cut, index) => {
    const carets = starting.get(cut).filter((i) => spans[i][1] === cut);
    open = [...open, ...starting.get(cut)].filter((i) => spans[i][1] > cut).sort((a, b) => a - b);
    if (carets.length) pieces.push({ start: cut, end: cut, marks: carets });
    if (cut < length) pieces.push({ start: cut, end: cuts[index + 1], marks: open });
  });
  return pieces;
}

const STEPS = { word: wordSpans, unit: unitSpans };

/** The word (or with by "unit" the unit) over the code point at `offset`; null in a gap. */
export const wordAt = (text, offset, by = "word") =>
  STEPS[by](text).find(([start, end]) => start <= offset && offset < end) ?? null;

/** The first word (or unit) that starts after `offset`; -1 gives the text's first. */
export const nextWord = (text, offset, by = "word") =>
  STEPS[by](text).find(([start]) => start > offset) ?? null;

/** The last word (or unit) that starts before `offset`; the text's length gives its last. */
export const previousWord = (text, offset, by = "word") =>
  STEPS[by](text).findLast(([start]) => start < offset) ?? null;

/** The selection from one word or unit to another, in whichever order they stand. */
export const cover = (anchor, focus) => [
  Math.min(anchor[0], focus[0]),
  Math.max(anchor[1], focus[1]),
];

/**
 * [focus, selection]: the focus moved to the next (step 1) or previous (-1) word or unit. The
 * anchor always stays selected; at the text's ends the focus stays where it is.
 */
export function extend(text, anchor, focus, step, by = "word") {
  const moved = (step > 0 ? nextWord : previousWord)(text, focus[0], by) ?? focus;
  return [moved, cover(anchor, moved)];
}
