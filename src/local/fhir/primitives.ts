/** Formats of R4's primitive types (FHIR R4 section 2.24.0.1), on JSON values. */
const DATE = '(\\d(\\d(\\d[1-9]|[1-9]0)|[1-9]00)|[1-9]000)';
const TIME = '([01]\\d|2[0-3]):[0-5]\\d:([0-5]\\d|60)(\\.\\d+)?';
const ZONE = '(Z|[+-]((0\\d|1[0-3]):[0-5]\\d|14:00))';
const DAY = '(0[1-9]|[12]\\d|3[01])';
const MONTH = '(0[1-9]|1[0-2])';

const TEXT: Readonly<Record<string, RegExp>> = {
  base64Binary: /^(\s*[0-9a-zA-Z+/=]{4}\s*)+$/,
  canonical: /^\S+$/,
  code: /^\S+(\s\S+)*$/,
  date: new RegExp(`^${DATE}(-${MONTH}(-${DAY})?)?$`),
  dateTime: new RegExp(`^${DATE}(-${MONTH}(-${DAY}(T${TIME}${ZONE})?)?)?$`),
  id: /^[A-Za-z0-9\-.]{1,64}$/,
  instant: new RegExp(`^${DATE}-${MONTH}-${DAY}T${TIME}${ZONE}$`),
  markdown: /\S/,
  oid: /^urn:oid:[0-2](\.(0|[1-9]\d*))+$/,
  string: /\S/,
  time: new RegExp(`^${TIME}$`),
  uri: /^\S+$/,
  url: /^\S+$/,
  uuid: /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  xhtml: /^\s*<div[\s>]/,
};

const NUMBERS: Readonly<Record<string, (value: number) => boolean>> = {
  decimal: Number.isFinite,
  integer: (value) => Number.isInteger(value) && Math.abs(value) <= 2_147_483_648,
  positiveInt: (value) => Number.isInteger(value) && value > 0,
  unsignedInt: (value) => Number.isInteger(value) && value >= 0,
};

/** Links and elements that would run something. Inline images stay allowed. */
const ACTIVE_CONTENT =
  /<script|<iframe|<object|\son\w+\s*=|(href|src)\s*=\s*["']?\s*(javascript|vbscript):|href\s*=\s*["']?\s*data:/i;

export function isPrimitive(type: string): boolean {
  return type === 'boolean' || type in TEXT || type in NUMBERS;
}

export function isPrimitiveValue(type: string, value: unknown): boolean {
  if (type === 'boolean') return typeof value === 'boolean';
  const numeric = NUMBERS[type];
  if (numeric !== undefined) return typeof value === 'number' && numeric(value);
  if (typeof value !== 'string' || TEXT[type]?.test(value) !== true) return false;
  return type !== 'xhtml' || !ACTIVE_CONTENT.test(value);
}
