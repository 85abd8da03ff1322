// Spans on the page: draws marks into an element and reads positions back, in code points.
// The element's textContent is the text, always; show its white space with `white-space: pre-wrap`.

import { codePointsToUtf16, quote, segments, utf16ToCodePoints } from "./spans.js";

/**
 * Draws the text into the container, a <mark data-marks="0 2"> over each marked piece and an empty
 * <mark data-caret> at each caret. `decorate(element, indexes)` may add classes and attributes to
 * a <mark>, but no text.
 */
export function render(container, text, spans, decorate = () => {}) {
  const nodes = segments(text, spans).map(({ start, end, marks }) => {
    const words = quote(text, start, end);
    if (!marks.length) return document.createTextNode(words);
    const mark = document.createElement("mark");
    mark.textContent = words;
    mark.dataset.marks = marks.join(" ");
    mark.toggleAttribute("data-caret", start === end);
    decorate(mark, marks);
    return mark;
  });
  container.replaceChildren(...nodes);
}

/** A DOM position as an offset in the container's text; null outside the container. */
export function offsetAt(container, node, domOffset) {
  if (!container.contains(node)) return null;
  const before = document.createRange();
  before.setStart(container, 0);
  before.setEnd(node, domOffset);
  return utf16ToCodePoints(container.textContent, before.toString().length);
}

/** The part of a DOM range within the container as [start, end); null when they do not meet. */
export function spanOfRange(container, range) {
  if (!range.intersectsNode(container)) return null;
  const { startContainer, startOffset, endContainer, endOffset } = range;
  const start = offsetAt(container, startContainer, startOffset) ?? 0;
  const end = offsetAt(container, endContainer, endOffset);
  return [start, end ?? utf16ToCodePoints(container.textContent, container.textContent.length)];
}

/** An offset as a DOM position {node, offset} in the container, for a Range or a Selection. */
export function positionAt(container, offset) {
  let left = codePointsToUtf16(container.textContent, offset);
  const walker = document.createTreeWalker(container, NodeFilter.SHOW_TEXT);
  let node = walker.nextNode();
  for (; node && left > node.length; node = walker.nextNode()) left -= node.length;
  return node ? { node, offset: left } : { node: container, offset: 0 };
}
