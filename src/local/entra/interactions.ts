import { timingSafeEqual } from 'node:crypto';
import { MINUTE } from '../../core/clock.ts';
import { randomToken, sha256 } from '../../core/ids.ts';
import { ENTRA_INTERACTION_MINUTES } from '../beliefs.ts';
import type { Fabric } from '../fabric.ts';
import { AadError } from './aadsts.ts';
import type { AuthorizeRequest } from './authorize-request.ts';
import { type Parameters, required } from './form.ts';

/** An authorization request that waits for its user: at the sign-in page, then perhaps at the consent page. */
export interface Interaction {
  readonly request: AuthorizeRequest;
  /** Absent until somebody signed in. */
  readonly user: { readonly id: string; readonly authenticatedAt: number } | null;
  /** Hashes: the page's one-time token and the browser's cookie. */
  readonly flowTokenHash: string;
  readonly browserHash: string;
  readonly expiresAt: number;
}

/** The hidden fields of a page, under Entra's names. */
export interface PageTokens {
  readonly ctx: string;
  readonly flowToken: string;
  readonly canary: string;
}

/** Starts an interaction, or moves one on (the old page's tokens die). */
export function openInteraction(
  fabric: Fabric,
  browser: string,
  fields: Pick<Interaction, 'request' | 'user'>,
): PageTokens {
  const now = fabric.clock.now();
  for (const [key, item] of [...interactionsOf(fabric).entries()]) {
    if (item.expiresAt <= now) interactionsOf(fabric).delete(key);
  }
  const ctx = randomToken(48);
  const flowToken = randomToken();
  interactionsOf(fabric).put(sha256(ctx), {
    ...fields,
    flowTokenHash: sha256(flowToken),
    browserHash: sha256(browser),
    expiresAt: now + ENTRA_INTERACTION_MINUTES * MINUTE,
  });
  return { ctx, flowToken, canary: canaryOf(browser, ctx) };
}

/**
 * The interaction a posted page belongs to. It is taken: each page can be posted once.
 *
 * @throws AadError 165000 when the tokens are wrong, foreign to this browser, used or expired
 */
export function takeInteraction(fabric: Fabric, browser: string | undefined, form: Parameters): Interaction {
  const ctx = required(form, 'ctx');
  const flowToken = required(form, 'flowToken');
  const canary = required(form, 'canary');
  const found = interactionsOf(fabric).get(sha256(ctx));
  const isGenuine =
    found !== undefined &&
    browser !== undefined &&
    found.expiresAt > fabric.clock.now() &&
    same(found.browserHash, sha256(browser)) &&
    same(found.flowTokenHash, sha256(flowToken)) &&
    same(canary, canaryOf(browser, ctx));
  if (!isGenuine) {
    throw new AadError(
      165000,
      'Invalid Request: The request tokens do not match the user context. Do not copy the user context values ' +
        '(cookies; form fields; headers) between different requests or user sessions.',
    );
  }
  interactionsOf(fabric).delete(sha256(ctx));
  return found;
}

/** Only the browser that holds the cookie can know it. */
function canaryOf(browser: string, ctx: string): string {
  return sha256(['canary', browser, ctx].join('\n'));
}

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function interactionsOf(fabric: Fabric) {
  return fabric.store.collection<Interaction>('entra-interactions');
}
