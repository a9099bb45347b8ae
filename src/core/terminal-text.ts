/** What chalk writes for the styles that smartfhir uses; any other escape sequence came from outside. */
const OWN_STYLE = '\\u001b\\[(?:0|1|2|22|3[0-7]|39|9[0-7])m';
/** C0 without tab and newline, DEL, C1, and what reorders or hides text in a line (bidi controls, line separators). */
const CONTROL =
  '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]';
const STYLED = new RegExp(`(${OWN_STYLE})|${CONTROL}`, 'g');
const PLAIN = new RegExp(CONTROL, 'g');

/** Text that may hold what a server said, with everything a terminal would act upon made visible. */
export function terminalText(text: string, styled = false): string {
  return styled
    ? text.replace(STYLED, (found, own: string | undefined) => own ?? visible(found))
    : text.replace(PLAIN, visible);
}

/** The same for a whole JSON text: the escapes are JSON's own, so the value is unchanged. */
export function terminalJson(json: string): string {
  return json.replace(PLAIN, visible);
}

/** Text of others within one line: breaks too become visible. */
export function oneLine(text: string): string {
  return terminalText(text.replace(/\s*[\r\n]+\s*/g, ' '));
}

function visible(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
