import { createSign, generateKeyPairSync } from 'node:crypto';
import { patch } from '../answers.ts';
import { type Asked, claimsOf } from '../asked.ts';
import { breaks, type Fault } from '../fault.ts';
import { isIntrospect, isKeys, isMainRedemption, isOpenid } from '../requests.ts';

type Claims = Record<string, unknown>;

/** A key of the faults: what they re-sign, they also publish. */
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PUBLIC = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'fault', use: 'sig', alg: 'RS256' };

function sign(claims: Claims): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', kid: 'fault', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(pair.privateKey).toString('base64url')}`;
}

/** The main session's ID token with other claims, well signed; introspection says the same when `told` says so. */
function claims(
  check: string,
  name: string,
  change: (claims: Claims, asked: Asked) => void,
  told: readonly string[] = [],
): Fault {
  return breaks(
    check,
    name,
    (asked) => isMainRedemption(asked) || isKeys(asked) || (told.length > 0 && isIntrospect(asked)),
    patch((body, asked) => {
      if (isKeys(asked)) (body['keys'] as unknown[]).push(PUBLIC);
      else if (isIntrospect(asked)) tell(body, asked, change, told);
      else {
        const changed: Claims = { ...claimsOf(String(body['id_token'])) };
        change(changed, asked);
        body['id_token'] = sign(changed);
      }
    }),
  );
}

function tell(
  body: Claims,
  asked: Asked,
  change: (claims: Claims, asked: Asked) => void,
  told: readonly string[],
): void {
  if (body['active'] !== true) return;
  const changed: Claims = { ...body };
  change(changed, asked);
  for (const member of told) body[member] = changed[member];
}

/** Keys that nothing is signed with. */
function published(check: string, name: string, change: (keys: Record<string, unknown>[]) => void): Fault {
  return breaks(
    check,
    name,
    isKeys,
    patch((body) => change(body['keys'] as Record<string, unknown>[])),
  );
}

function openid(check: string, name: string, change: (body: Record<string, unknown>) => void): Fault {
  return breaks(
    check,
    name,
    isOpenid,
    patch((body) => change(body)),
  );
}

export const oidcFaults: readonly Fault[] = [
  breaks(
    'oidc/discovery',
    'the OIDC document is not found',
    isOpenid,
    async () => new Response('not found', { status: 404 }),
  ),
  openid('oidc/issuer-agrees', 'the issuers differ in a slash', (body) => {
    body['issuer'] = `${body['issuer']}/`;
  }),
  openid('oidc/metadata-complete', 'the subject types are not published', (body) => {
    delete body['subject_types_supported'];
  }),
  openid('oidc/rs256-listed', 'RS256 is not listed', (body) => {
    body['id_token_signing_alg_values_supported'] = ['PS256'];
  }),
  openid('oidc/jwks-agrees', 'the key sets differ in a query', (body) => {
    body['jwks_uri'] = `${body['jwks_uri']}?p=policy`;
  }),
  published(
    'oidc/keys-published',
    'a key has no modulus',
    (keys) => void keys.push({ kty: 'RSA', kid: 'broken', e: 'AQAB' }),
  ),
  published('oidc/keys-public', 'a private key is published', (keys) => {
    const { d, ...rest } = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({
      format: 'jwk',
    });
    keys.push({ ...rest, kid: 'leaked', d });
  }),
  published('oidc/kids-unique', 'two keys have one kid', (keys) => {
    const { n, e } = PUBLIC as Record<string, unknown>;
    keys.push({ kty: 'RSA', kid: 'twin', n, e }, { kty: 'RSA', kid: 'twin', n, e });
  }),
  breaks(
    'oidc/id-token-signature',
    'the ID token is signed by somebody else',
    isMainRedemption,
    patch((body) => {
      const [header, payload] = String(body['id_token']).split('.');
      const forged = createSign('RSA-SHA256')
        .update(`${header}.${payload}`)
        .sign(pair.privateKey)
        .toString('base64url');
      body['id_token'] = `${header}.${payload}.${forged}`;
    }),
  ),
  claims('oidc/id-token-claims', 'iat is a string', (all) => {
    all['iat'] = String(all['iat']);
  }),
  claims(
    'oidc/id-token-issuer',
    'the ID token comes from another issuer',
    (all) => {
      all['iss'] = 'https://login.example.org/other';
    },
    ['iss'],
  ),
  claims('oidc/id-token-audience', 'the ID token is for another client', (all) => {
    all['aud'] = 'another-client';
  }),
  claims('oidc/id-token-times', 'the ID token is expired', (all) => {
    all['exp'] = Number(all['iat']) - 1;
  }),
  claims('oidc/nonce', 'the nonce is not the one that was sent', (all) => {
    all['nonce'] = 'another-nonce';
  }),
  claims('oidc/fhir-user', 'the ID token does not name its user', (all) => {
    delete all['fhirUser'];
  }),
  claims(
    'oidc/fhir-user-resolves',
    'fhirUser names nobody',
    (all, asked) => {
      all['fhirUser'] = `${asked.profile.fhirUrl}/Patient/nobody-at-all`;
    },
    ['fhirUser'],
  ),
];
