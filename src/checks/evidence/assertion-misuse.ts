import { generateKeyPair } from 'jose';
import { MINUTE, SECOND } from '../../core/clock.ts';
import { randomToken } from '../../core/ids.ts';
import { postTokenWith } from '../../smart/app/token.ts';
import { ASSERTION_TYPE } from '../../smart/assertion.ts';
import type { JsonObject } from '../../smart/json.ts';
import { importSigningKey, signingKey, signJwt } from '../../smart/jwt.ts';
import { backendSession } from './backend.ts';
import { backendClient } from './cast.ts';
import { configuration } from './configuration.ts';
import { defineEvidence, type Probe, required } from './evidence.ts';
import { type Seen, seen } from './seen.ts';

export interface AssertionFacts {
  readonly wrongSignature: Seen;
  readonly unsigned: Seen;
  readonly symmetric: Seen;
  readonly foreignIssuer: Seen;
  readonly wrongAudience: Seen;
  readonly expired: Seen;
  readonly noExpiry: Seen;
  readonly tooLong: Seen;
  readonly notYet: Seen;
  readonly noJti: Seen;
  readonly unknownKid: Seen;
  readonly foreignJku: Seen;
  readonly wrongType: Seen;
  /** A good assertion sent twice. */
  readonly firstUse: Seen;
  readonly replay: Seen;
}

interface Forge {
  readonly claims?: JsonObject;
  /** Claims to leave out. */
  readonly without?: readonly string[];
  readonly header?: JsonObject & { readonly alg?: string };
  readonly key?: Parameters<typeof signJwt>[2];
}

const TOO_LONG_MS = 60 * MINUTE;
const LONG_AGO_MS = 10 * MINUTE;

/** Client assertions that each break one rule of SMART client-confidential-asymmetric. */
export const assertionMisuse = defineEvidence<AssertionFacts>({
  id: 'assertionMisuse',
  async gather(probe) {
    await probe.use(backendSession);
    const forger = await createForger(probe);
    const { good, post, send } = forger;
    const seconds = (ms: number): number => Math.floor((probe.clock.now() + ms) / SECOND);
    const { privateKey } = await generateKeyPair(forger.alg);
    const once = await good({});
    const names = [
      ['wrongSignature', good({ key: privateKey })],
      ['unsigned', unsigned(await good({}))],
      ['symmetric', good({ header: { alg: 'HS256' }, key: new TextEncoder().encode(forger.publicText) })],
      ['foreignIssuer', good({ claims: { iss: 'smartfhir-other-client' } })],
      ['wrongAudience', good({ claims: { aud: 'https://auth.example.org/token' } })],
      ['expired', good({ claims: { exp: seconds(-LONG_AGO_MS) } })],
      ['noExpiry', good({ without: ['exp'] })],
      ['tooLong', good({ claims: { exp: seconds(TOO_LONG_MS) } })],
      ['notYet', good({ claims: { nbf: seconds(LONG_AGO_MS), exp: seconds(LONG_AGO_MS + 2 * MINUTE) } })],
      ['noJti', good({ without: ['jti'] })],
      ['unknownKid', good({ header: { kid: `unknown-${randomToken(6)}` } })],
      ['foreignJku', good({ header: { jku: 'https://keys.example.org/jwks.json' } })],
    ] as const;
    const answers = await Promise.all(
      names.map(async ([name, assertion]) => [name, await post(await assertion)] as const),
    );
    const wrongType = await send({
      client_assertion_type: 'smartfhir-probe',
      client_assertion: await good({}),
    });
    const firstUse = await post(once);
    const replay = await post(once);
    const facts = {
      ...Object.fromEntries(answers),
      wrongType,
      firstUse,
      replay,
    } as unknown as AssertionFacts;
    return { facts, live: undefined };
  },
});

async function createForger(probe: Probe) {
  const client = backendClient(probe.profile);
  const { endpoints } = await probe.use(configuration);
  const key = signingKey(required(client.jwks, `client ${client.name} has no private JWKS`));
  const imported = await importSigningKey(key);
  const good = async (forge: Forge): Promise<string> => {
    const claims: Record<string, unknown> = {
      iss: client.clientId,
      sub: client.clientId,
      aud: endpoints.token,
      exp: Math.floor((probe.clock.now() + 2 * MINUTE) / SECOND),
      jti: randomToken(),
      ...forge.claims,
    };
    for (const name of forge.without ?? []) delete claims[name];
    const header = { alg: key.alg, kid: key.kid, typ: 'JWT', ...forge.header };
    return await signJwt(claims, header, forge.key ?? imported);
  };
  const send = async (form: Record<string, string>): Promise<Seen> => {
    const whole = { grant_type: 'client_credentials', scope: client.scopes.join(' '), ...form };
    const context = { wire: probe.wire, tokenUrl: endpoints.token };
    return seen(await postTokenWith(context, whole, { headers: {}, form: {} }));
  };
  const post = (assertion: string): Promise<Seen> =>
    send({ client_assertion_type: ASSERTION_TYPE, client_assertion: assertion });
  const publicText = JSON.stringify({
    kty: key.kty,
    kid: key.kid,
    n: key.n,
    e: key.e,
    crv: key.crv,
    x: key.x,
    y: key.y,
  });
  return { alg: key.alg, publicText, good, send, post };
}

/** The same claims under `alg: none` and without a signature. */
function unsigned(assertion: string): string {
  const [, payload = ''] = assertion.split('.');
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  return `${header}.${payload}.`;
}
