import type { PageElement } from 'linkedom';

/** What stands within a line; whatever else stands beside something has a line of its own. */
const INLINE: ReadonlySet<string> = new Set(
  'a abbr b bdi bdo cite code data del dfn em font i ins kbd label mark q s samp small span strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);

/** The text of an element on one line. */
export function textOf(element: PageElement, maxCharacters = 2_000): string {
  return oneLine(spaced(element), maxCharacters);
}

const TEXT_NODE = 3;
const ELEMENT_NODE = 1;

/** The text with a space wherever the page has another line. */
function spaced(node: PageElement): string {
  if (node.nodeType === TEXT_NODE) return node.textContent;
  if (node.nodeType !== ELEMENT_NODE || /^(?:script|style)$/.test(node.localName)) return '';
  const inner = Array.from(node.childNodes, spaced).join('');
  return INLINE.has(node.localName) ? inner : ` ${inner} `;
}

/** A text with every run of white space as one space. */
export function oneLine(text: string, maxCharacters = 2_000): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, maxCharacters);
}
