import { timingSafeEqual } from 'node:crypto';
import { sha256, shortHash } from '../../core/ids.ts';
import type { Gateway } from '../context.ts';
import { authBase } from '../settings.ts';
import { TRANSACTION_LIFETIME_MS, type Transaction } from '../state/state.ts';

/** The cookie that ties a transaction to the browser that started it; one per transaction, so that tabs do not clash. */
export function browserCookie(gateway: Gateway, transactionId: string, secret: string): string {
  const base = new URL(authBase(gateway.settings));
  const secure = base.protocol === 'https:' ? '; Secure' : '';
  const maxAge = TRANSACTION_LIFETIME_MS / 1000;
  return `${cookieName(transactionId)}=${secret}; Path=${base.pathname}; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`;
}

/** Did this request come from the browser that started the transaction? */
export function isSameBrowser(request: Request, transactionId: string, transaction: Transaction): boolean {
  const secret = readCookie(request.headers.get('cookie') ?? '', cookieName(transactionId));
  return secret !== undefined && equalSecrets(sha256(secret), transaction.browser);
}

/** Comparison in constant time; different lengths are different. */
export function equalSecrets(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}

function cookieName(transactionId: string): string {
  return `smartfhir-${shortHash(12, transactionId)}`;
}

function readCookie(header: string, name: string): string | undefined {
  for (const part of header.split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}
