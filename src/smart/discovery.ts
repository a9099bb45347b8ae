import { SmartfhirError } from '../core/errors.ts';
import { withoutQuery } from '../core/http.ts';
import { isStringArray, type JsonObject, parseObject, stringOf } from './json.ts';
import type { Wire } from './recorder.ts';

/** What a client reads from `.well-known/smart-configuration`; every URL absolute. */
export interface SmartEndpoints {
  readonly authorize: string | undefined;
  readonly token: string;
  readonly introspect: string | undefined;
  readonly revoke: string | undefined;
  readonly issuer: string | undefined;
  readonly jwks: string | undefined;
  readonly capabilities: readonly string[];
}

/** The suffix goes after the whole base path (SMART 2.2.0 conformance#using-well-known). */
export function smartConfigurationUrl(base: string): string {
  return `${base.replace(/\/+$/, '')}/.well-known/smart-configuration`;
}

/** OIDC Discovery section 4: after the issuer's path, its trailing slash removed. */
export function openidConfigurationUrl(issuer: string): string {
  return `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`;
}

/**
 * Reads the SMART configuration of a FHIR base.
 *
 * @throws SmartfhirError `RESPONSE_INVALID` when it is not served as a JSON object with a token endpoint
 */
export async function discover(
  wire: Wire,
  base: string,
): Promise<{ configuration: JsonObject; endpoints: SmartEndpoints }> {
  const url = smartConfigurationUrl(base);
  const answer = await wire.send({ url, headers: { accept: 'application/json' } });
  const configuration = parseObject(answer.text);
  if (answer.status !== 200 || configuration === undefined) {
    throw new SmartfhirError('RESPONSE_INVALID', `${url} answered ${describe(answer.status, answer.text)}`, {
      why: 'a SMART on FHIR server publishes its configuration there as a JSON object',
      fix: 'check that the URL is the FHIR base, without a resource type behind it',
    });
  }
  const endpoints = endpointsOf(configuration, base);
  if (endpoints === undefined) {
    throw new SmartfhirError('RESPONSE_INVALID', `${url} names no usable token_endpoint`);
  }
  return { configuration, endpoints };
}

/**
 * The endpoints of a configuration; undefined without a token endpoint. Relative URLs are resolved as SMART 1.0 did.
 * What an https server publishes as plain http is no endpoint to us: secrets, codes and tokens would leave in clear
 * (RFC 6749 sections 3.1 and 3.2); `tls/https-endpoints` names the defect.
 */
export function endpointsOf(configuration: JsonObject, base: string): SmartEndpoints | undefined {
  const url = (name: string): string | undefined => {
    const value = stringOf(configuration[name]);
    const from = `${base.replace(/\/+$/, '')}/`;
    if (value === undefined || value === '' || !URL.canParse(value, from)) return undefined;
    const resolved = new URL(value, from);
    return from.startsWith('https:') && resolved.protocol !== 'https:' ? undefined : resolved.href;
  };
  const token = url('token_endpoint');
  if (token === undefined) return undefined;
  return {
    authorize: url('authorization_endpoint'),
    token,
    introspect: url('introspection_endpoint'),
    revoke: url('revocation_endpoint'),
    issuer: stringOf(configuration['issuer']),
    jwks: url('jwks_uri'),
    capabilities: isStringArray(configuration['capabilities']) ? configuration['capabilities'] : [],
  };
}

/** An answer in a few words, for messages: `302`, `200 with an HTML page`. */
export function describe(status: number, text: string): string {
  if (text.trim() === '') return `${status} with an empty body`;
  if (/^\s*<(!doctype|html)/i.test(text)) return `${status} with an HTML page`;
  return parseObject(text) === undefined ? `${status} with a body that is no JSON object` : `${status}`;
}

/** A URL for messages. */
export function place(url: string): string {
  return withoutQuery(url);
}
