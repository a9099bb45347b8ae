import type { Context } from 'hono';
import { ENTRA_ERROR_PAGE_STATUS } from '../beliefs.ts';
import type { Fabric } from '../fabric.ts';
import { AadError } from './aadsts.ts';
import type { ReturnAddress } from './authorize-request.ts';
import { errorBody } from './error-body.ts';
import { CONTENT_SECURITY_POLICY, errorPage, formPostPage } from './pages.ts';

type Markup = ReturnType<typeof errorPage>;

/** A page with the headers every page of Entra's has here. */
export async function showPage(c: Context, markup: Markup, status: 200 | 400 | 401 = 200): Promise<Response> {
  c.header('Content-Security-Policy', CONTENT_SECURITY_POLICY);
  c.header('Cache-Control', 'no-store, no-cache');
  c.header('Referrer-Policy', 'strict-origin-when-cross-origin');
  c.header('X-Content-Type-Options', 'nosniff');
  c.header('X-Frame-Options', 'DENY');
  return c.html(await markup, status);
}

/** Errors that must not travel to an address that is not trusted. */
export function showError(c: Context, fabric: Fabric, error: AadError): Promise<Response> {
  fabric.log({ standIn: 'entra', level: 'warn', text: `shown AADSTS${error.code}` });
  return showPage(c, errorPage(errorBody(fabric, error)), ENTRA_ERROR_PAGE_STATUS);
}

/** Sends an answer to the client in its response mode. */
export async function answer(
  c: Context,
  address: ReturnAddress,
  fields: Readonly<Record<string, string>>,
): Promise<Response> {
  const all = address.state === null ? { ...fields } : { ...fields, state: address.state };
  if (address.responseMode === 'form_post') return showPage(c, formPostPage(address, all));
  const parameters = new URLSearchParams(all).toString();
  const mark = address.responseMode === 'fragment' ? '#' : address.redirectUri.includes('?') ? '&' : '?';
  c.header('Cache-Control', 'no-store, no-cache');
  return c.redirect(`${address.redirectUri}${mark}${parameters}`, 302);
}

export function answerError(
  c: Context,
  fabric: Fabric,
  address: ReturnAddress,
  error: AadError,
): Promise<Response> {
  fabric.log({ standIn: 'entra', level: 'info', text: `authorize answered AADSTS${error.code}` });
  const body = errorBody(fabric, error);
  return answer(c, address, {
    error: body.error,
    error_description: body.error_description,
    error_uri: body.error_uri,
    ...(error.code === 65004 ? { error_subcode: 'cancel' } : {}),
  });
}

/** Anything thrown as an AadError; what is none is a bug and goes on. */
export function asAadError(thrown: unknown): AadError {
  if (thrown instanceof AadError) return thrown;
  throw thrown;
}
