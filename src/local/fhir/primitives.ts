/** Formats of R4's primitive types (FHIR R4 section 2.24.0.1), on JSON values. */
const DATE = '(\\d(\\d(\\d[1-9]|[1-9]0)|[1-9]00)|[1-9]000)';
const TIME = '([01]\\d|2[0-3]):[0-5]\\d:([0-5]\\d|60)(\\.\\d+)?';
const ZONE = '(Z|[+-]((0\\d|1[0-3]):[0-5]\\d|14:00))';
const DAY = '(0[1-9]|[12]\\d|3[01])';
const MONTH = '(0[1-9]|1[0-2])';

const TEXT: Readonly<Record<string, RegExp>> = {
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
  integer: (value) => isInt32(value),
  positiveInt: (value) => isInt32(value) && value > 0,
  unsignedInt: (value) => isInt32(value) && value >= 0,
};

/** Links and elements that would run something. Inline images stay allowed. */
const ACTIVE_CONTENT =
  /<script|<iframe|<object|\son\w+\s*=|(href|src)\s*=\s*["']?\s*(javascript|vbscript):|href\s*=\s*["']?\s*data:/i;

export function isPrimitive(type: string): boolean {
  return type === 'boolean' || type === 'base64Binary' || type in TEXT || type in NUMBERS;
}

export function isPrimitiveValue(type: string, value: unknown): boolean {
  if (type === 'boolean') return typeof value === 'boolean';
  const numeric = NUMBERS[type];
  if (numeric !== undefined) return typeof value === 'number' && numeric(value);
  if (typeof value !== 'string') return false;
  if (type === 'base64Binary') return isBase64(value);
  if (TEXT[type]?.test(value) !== true) return false;
  return type !== 'xhtml' || !ACTIVE_CONTENT.test(value);
}

function isInt32(value: number): boolean {
  return Number.isInteger(value) && value >= -2_147_483_648 && value <= 2_147_483_647;
}

/** White space counts for nothing. Linear and without nesting: contents may be as large as a request. */
function isBase64(text: string): boolean {
  const bare = text.replace(/\s+/g, '');
  return bare !== '' && bare.length % 4 === 0 && /^[0-9a-zA-Z+/]*={0,2}$/.test(bare);
}
