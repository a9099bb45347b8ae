import { timingSafeEqual } from 'node:crypto';
import type { SiteRecord } from './site-records.ts';
import type { RegisteredFunction } from './worker-messages.ts';

/** May this request run a function of that level? The key comes in `x-functions-key` or the query parameter `code`. */
export function mayInvoke(
  record: SiteRecord,
  level: RegisteredFunction['authLevel'],
  request: Request,
): boolean {
  if (level === 'anonymous') return true;
  const given = request.headers.get('x-functions-key') ?? new URL(request.url).searchParams.get('code') ?? '';
  const accepted =
    level === 'admin' ? [record.masterKey] : [record.masterKey, ...Object.values(record.functionKeys)];
  // Every key is compared, so that the time taken does not tell which one was near.
  return accepted.map((key) => sameSecret(key, given)).includes(true);
}

function sameSecret(key: string, given: string): boolean {
  const [left, right] = [Buffer.from(key), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}
