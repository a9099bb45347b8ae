import { EvaluationError, toText } from './value.ts';

/** `{0}` and doubled braces; alignment and format strings are refused. */
export function formatted(format: string, items: readonly unknown[]): string {
  return format.replace(/\{\{|\}\}|\{(\d+)\}|[{}]/g, (part, index?: string) => {
    if (part === '{{' || part === '}}') return part.slice(1);
    if (index === undefined || Number(index) >= items.length)
      throw new EvaluationError('the format string or its index is not valid or not supported');
    return toText(items[Number(index)]);
  });
}

/** .NET's `$0`, `${1}` and `${name}` in the spelling of JavaScript. */
export function replacementOf(text: string): string {
  return text.replace(/\$(?:\$|0(?!\d)|\{(\w+)\})/g, (part, group?: string) => {
    if (part === '$$') return part;
    if (group === undefined || group === '0') return '$&';
    return /^\d+$/.test(group) ? `$${group}` : `$<${group}>`;
  });
}

/** `WebUtility.UrlEncode`, which leaves alone only letters, digits and `-_.!*()`. */
export function urlEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+').replaceAll('~', '%7E').replaceAll("'", '%27');
}

const HTML_NAMES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** `WebUtility.HtmlEncode`. */
export function htmlEncoded(text: string): string {
  return text.replace(/[&<>"'\u00a0-\u00ff]/g, (char) => HTML_NAMES[char] ?? `&#${char.charCodeAt(0)};`);
}
