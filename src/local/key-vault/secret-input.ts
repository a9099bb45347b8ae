import { KEY_VAULT_LONGEST_SECRET_NAME } from '../beliefs.ts';
import type { SecretAttributes } from './secret-store.ts';
import { badParameter } from './vault-error.ts';

const LIMITS = {
  valueBytes: 25 * 1024,
  contentType: 255,
  tags: 15,
  tag: 512,
  bodyBytes: 128 * 1024,
} as const;
const NAME = /^[0-9a-zA-Z-]+$/;

/** What the body of a PUT or PATCH may hold. */
export interface SecretInput {
  readonly value?: string;
  readonly contentType?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly attributes: Partial<SecretAttributes>;
}

/** @throws VaultError 400 */
export function requireName(name: string): void {
  if (NAME.test(name) && name.length <= KEY_VAULT_LONGEST_SECRET_NAME) return;
  throw badParameter(
    `The request URI contains an invalid name: ${name.slice(0, KEY_VAULT_LONGEST_SECRET_NAME)}`,
  );
}

/** @throws VaultError 400 for a body that is not what the operation takes */
export async function readInput(
  request: Request,
  members: readonly (keyof SecretInput)[],
): Promise<SecretInput> {
  const body = await readObject(request);
  const unknown = Object.keys(body).find((name) => !(members as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw badParameter(`Property  has invalid value\r\nUnknown property: ${unknown}`);
  const value = optionalText(body['value'], 'value');
  if (value !== undefined && Buffer.byteLength(value) > LIMITS.valueBytes) {
    throw badParameter('Secret value is too large. The maximum size is 25 KB.');
  }
  const contentType = optionalText(body['contentType'], 'contentType');
  if ((contentType?.length ?? 0) > LIMITS.contentType)
    throw badParameter('Property contentType is too long.');
  const tags = tagsOf(body['tags']);
  return {
    ...(value === undefined ? {} : { value }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(tags === undefined ? {} : { tags }),
    attributes: attributesOf(body['attributes']),
  };
}

async function readObject(request: Request): Promise<Record<string, unknown>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > LIMITS.bodyBytes) throw badParameter('The request body is too large.');
    chunks.push(chunk);
  }
  try {
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return parsed as Record<string, unknown>;
    }
  } catch {
    // Answered below, as any other body that is not an object.
  }
  throw badParameter('The request body is not a valid JSON object.');
}

function optionalText(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw badParameter(`Property ${name} has invalid value`);
  return value;
}

function tagsOf(tags: unknown): Record<string, string> | undefined {
  if (tags === undefined || tags === null) return undefined;
  if (typeof tags !== 'object' || Array.isArray(tags)) throw badParameter('Property tags has invalid value');
  const entries = Object.entries(tags);
  if (entries.length > LIMITS.tags) throw badParameter(`A secret can have at most ${LIMITS.tags} tags.`);
  for (const [name, value] of entries) {
    if (typeof value !== 'string' || name.length > LIMITS.tag || value.length > LIMITS.tag) {
      throw badParameter(`Tag ${name.slice(0, LIMITS.tag)} has an invalid name or value.`);
    }
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

function attributesOf(attributes: unknown): Partial<SecretAttributes> {
  if (attributes === undefined || attributes === null) return {};
  if (typeof attributes !== 'object') throw badParameter('Property attributes has invalid value');
  const { enabled, nbf, exp } = attributes as Record<string, unknown>;
  const kept: { enabled?: boolean; nbf?: number; exp?: number } = {};
  if (enabled !== undefined && enabled !== null) {
    if (typeof enabled !== 'boolean') throw badParameter('Property enabled has invalid value');
    kept.enabled = enabled;
  }
  for (const [name, value] of [
    ['nbf', nbf],
    ['exp', exp],
  ] as const) {
    if (value === undefined || value === null) continue;
    if (!Number.isSafeInteger(value) || Number(value) < 0)
      throw badParameter(`Property ${name} has invalid value`);
    kept[name] = Number(value);
  }
  if (kept.nbf !== undefined && kept.exp !== undefined && kept.exp <= kept.nbf) {
    throw badParameter('Property exp must be later than nbf.');
  }
  return kept;
}
