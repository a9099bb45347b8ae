export interface FormControl {
  readonly kind: 'input' | 'button' | 'select' | 'textarea';
  /** `text`, `password`, `checkbox`, `submit`, …, lower case. */
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly value: string;
  readonly checked: boolean;
  readonly disabled: boolean;
  /** Words a person sees on a button. */
  readonly label: string;
}

export interface HtmlForm {
  /** Absolute URL. */
  readonly action: string;
  readonly method: 'GET' | 'POST';
  readonly controls: readonly FormControl[];
}

const TAG =
  /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[^\s=>/"']+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?)*)\s*\/?>/g;
const ATTRIBUTE = /([^\s=>/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};
/** Pages larger than this are no sign-in pages. */
const LIMIT_CHARACTERS = 500_000;

/** The forms of a page. Enough of HTML for server-rendered sign-in and consent pages; scripts are not run. */
export function parseForms(html: string, pageUrl: string): readonly HtmlForm[] {
  const text = html
    .slice(0, LIMIT_CHARACTERS)
    .replace(/<!--[\s\S]*?-->|<(script|style)\b[\s\S]*?<\/\1\s*>/gi, '');
  const forms: { action: string; method: 'GET' | 'POST'; controls: FormControl[] }[] = [];
  let current: (typeof forms)[number] | undefined;
  for (const match of text.matchAll(TAG)) {
    const [whole, slash, rawName = '', rawAttributes = ''] = match;
    const name = rawName.toLowerCase();
    if (slash === '/') {
      if (name === 'form') current = undefined;
      continue;
    }
    const attributes = parseAttributes(rawAttributes);
    if (name === 'form') {
      current = openForm(attributes, pageUrl);
      forms.push(current);
    } else if (current !== undefined) {
      const rest = text.slice(match.index + whole.length);
      const control = controlOf(name, attributes, rest);
      if (control !== undefined) current.controls.push(control);
    }
  }
  return forms;
}

function openForm(attributes: ReadonlyMap<string, string>, pageUrl: string) {
  const action = attributes.get('action') ?? '';
  return {
    action: URL.canParse(action, pageUrl) ? new URL(action, pageUrl).href : pageUrl,
    method: attributes.get('method')?.toLowerCase() === 'post' ? ('POST' as const) : ('GET' as const),
    controls: [] as FormControl[],
  };
}

function controlOf(
  tag: string,
  attributes: ReadonlyMap<string, string>,
  rest: string,
): FormControl | undefined {
  const base = {
    name: attributes.get('name') ?? '',
    id: attributes.get('id') ?? '',
    value: attributes.get('value') ?? '',
    checked: attributes.has('checked'),
    disabled: attributes.has('disabled'),
  };
  const type = attributes.get('type')?.toLowerCase();
  if (tag === 'input') {
    const kind = type ?? 'text';
    const value = kind === 'checkbox' && !attributes.has('value') ? 'on' : base.value;
    return { ...base, kind: 'input', type: kind, value, label: base.value };
  }
  if (tag === 'button') {
    const label = plain(rest.slice(0, Math.max(0, rest.search(/<\/button/i))));
    return { ...base, kind: 'button', type: type ?? 'submit', label };
  }
  if (tag === 'select') {
    const options = rest.slice(0, Math.max(0, rest.search(/<\/select/i)));
    const chosen = /<option\b[^>]*\bselected\b[^>]*>/i.exec(options) ?? /<option\b[^>]*>/i.exec(options);
    const given = parseAttributes(chosen?.[0].slice('<option'.length, -1) ?? '').get('value');
    const value = given ?? plain(textAfter(options, chosen));
    return { ...base, kind: 'select', type: 'select', value, label: '' };
  }
  if (tag !== 'textarea') return undefined;
  return {
    ...base,
    kind: 'textarea',
    type: 'text',
    value: plain(rest.slice(0, Math.max(0, rest.search(/<\/textarea/i)))),
    label: '',
  };
}

/** The text of an option: what it submits when it has no value of its own. */
function textAfter(options: string, option: RegExpExecArray | null): string {
  const rest = option === null ? '' : options.slice(option.index + option[0].length);
  return rest.slice(0, Math.max(0, `${rest}<`.indexOf('<')));
}

function parseAttributes(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single, bare] of text.matchAll(ATTRIBUTE)) {
    const key = name.toLowerCase();
    if (!attributes.has(key)) attributes.set(key, decodeEntities(double ?? single ?? bare ?? ''));
  }
  return attributes;
}

/** Text without tags, entities decoded. */
export function plain(html: string): string {
  return decodeEntities(html.replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) {
      const known = String(name).toLowerCase();
      return Object.hasOwn(ENTITIES, known) ? String(ENTITIES[known]) : whole;
    }
    const point = decimal !== undefined ? Number(decimal) : Number.parseInt(String(hex), 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
