const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for an XML element or attribute; characters XML 1.0 does not have are left out. */
export function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to leave out
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
  );
}

/** `<name>text</name>`, or nothing for undefined. */
export function element(name: string, text: string | number | undefined): string {
  return text === undefined ? '' : `<${name}>${escapeXml(String(text))}</${name}>`;
}

/**
 * The text of each child element of the root, for the two flat documents clients send (block lists, key requests).
 * Comments, CDATA, attributes, entities beyond the five and nesting are refused by returning undefined.
 */
export function flatElements(xml: string, root: string): [name: string, text: string][] | undefined {
  const outer = new RegExp(
    `^\\uFEFF?\\s*(?:<\\?xml[^?]{0,200}\\?>)?\\s*<${root}(?:\\s[^<>]{0,200})?>([^]*)</${root}>\\s*$`,
  ).exec(xml);
  if (outer === null) return new RegExp(`<${root}\\s*/>\\s*$`).test(xml) ? [] : undefined;
  const inner = outer[1] ?? '';
  const children: [string, string][] = [];
  const pattern = /\s*<([A-Za-z]+)>([^<]*)<\/\1>\s*/y;
  let at = 0;
  while (at < inner.length) {
    if (/^\s*$/.test(inner.slice(at, at + 100)) && inner.slice(at).trim() === '') break;
    pattern.lastIndex = at;
    const match = pattern.exec(inner);
    if (match === null) return undefined;
    children.push([match[1] ?? '', unescapeXml(match[2] ?? '')]);
    at = pattern.lastIndex;
  }
  return children;
}

function unescapeXml(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => {
    return Object.entries(ESCAPES).find(([, escaped]) => escaped === `&${name};`)?.[0] ?? '';
  });
}
