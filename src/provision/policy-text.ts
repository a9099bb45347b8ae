/**
 * A policy for comparison. API Management answers documents re-indented and XML-escaped, so blanks and escapes say
 * nothing; comments do not matter either.
 */
function normalPolicy(xml: string): string {
  return xml
    .replace(/<!--[\s\S]*?-->/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, '');
}

/** Do both documents say the same? */
export function samePolicy(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return normalPolicy(a) === normalPolicy(b);
}
