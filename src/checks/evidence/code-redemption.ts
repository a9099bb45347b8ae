import { randomToken } from '../../core/ids.ts';
import { postToken, postTokenWith } from '../../smart/app/token.ts';
import { basicAuth } from '../../smart/client-auth.ts';
import { parseObject, stringOf } from '../../smart/json.ts';
import { type AppAuthorized, authorizeApp, codeOf } from './authorized-app.ts';
import { patientUser, publicApp, secretApp, standaloneApp } from './cast.ts';
import { configuration } from './configuration.ts';
import { defineEvidence, type Probe } from './evidence.ts';
import { fhirGet } from './fhir-read.ts';
import { type Seen, seen } from './seen.ts';
import { session } from './standalone.ts';

/** A redemption that must fail, and whether a token came anyway. */
export interface RedemptionFacts {
  readonly answer: Seen;
  readonly tokenCame: boolean;
}

type FormChanges = Readonly<Record<string, string | undefined>>;

/** A fresh code of an app (the standalone one), with a narrow scope: these sessions are not used further. */
async function freshCode(probe: Probe, client = standaloneApp(probe.profile)): Promise<AppAuthorized> {
  await probe.use(session);
  const authorized = await authorizeApp(probe, {
    client,
    user: patientUser(probe.profile),
    scope: narrowScope(client.scopes),
  });
  codeOf(authorized);
  return authorized;
}

function narrowScope(scopes: readonly string[]): string {
  const kept = scopes.filter((scope) =>
    /^(launch\/patient|openid|fhirUser|patient\/Patient\.(rs|read))$/.test(scope),
  );
  return (kept.length > 0 ? kept : scopes).join(' ');
}

/** The form of a correct redemption, with changes. */
function redemption(authorized: AppAuthorized, changes: FormChanges): Record<string, string> {
  const form = {
    grant_type: 'authorization_code',
    code: codeOf(authorized),
    redirect_uri: authorized.client.redirectUri,
    code_verifier: authorized.request.pkce.verifier,
    ...changes,
  };
  return Object.fromEntries(
    Object.entries(form).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

async function redeemWith(
  probe: Probe,
  authorized: AppAuthorized,
  changes: FormChanges,
): Promise<RedemptionFacts> {
  const { endpoints } = await probe.use(configuration);
  const context = {
    wire: probe.wire,
    tokenUrl: endpoints.token,
    client: authorized.client,
    now: () => probe.clock.now(),
  };
  return facts(seen(await postToken(context, redemption(authorized, changes))));
}

function facts(answer: Seen): RedemptionFacts {
  const json = answer.json;
  return { answer, tokenCame: typeof json === 'object' && json !== null && 'access_token' in json };
}

export interface VerifierFacts {
  readonly absent: RedemptionFacts;
  readonly empty: RedemptionFacts;
  readonly wrong: RedemptionFacts;
  readonly challengeItself: RedemptionFacts;
}

/** Codes redeemed without the right PKCE verifier; each with a code of its own. */
export const verifiers = defineEvidence<VerifierFacts>({
  id: 'verifiers',
  async gather(probe) {
    const attempt = async (changes: (authorized: AppAuthorized) => FormChanges): Promise<RedemptionFacts> => {
      const authorized = await freshCode(probe);
      return await redeemWith(probe, authorized, changes(authorized));
    };
    const [absent, empty, wrong, challengeItself] = await Promise.all([
      attempt(() => ({ code_verifier: undefined })),
      attempt(() => ({ code_verifier: '' })),
      attempt(() => ({ code_verifier: randomToken() })),
      attempt((authorized) => ({ code_verifier: authorized.request.pkce.challenge })),
    ]);
    return { facts: { absent, empty, wrong, challengeItself }, live: undefined };
  },
});

export interface CodeReuseFacts {
  readonly first: RedemptionFacts;
  readonly second: RedemptionFacts;
  /** The first access token at the FHIR server after the second attempt; null when there was none. */
  readonly readAfter: Seen | null;
}

/** One code redeemed twice. */
export const codeReuse = defineEvidence<CodeReuseFacts>({
  id: 'codeReuse',
  async gather(probe) {
    const authorized = await freshCode(probe);
    const { endpoints } = await probe.use(configuration);
    const context = {
      wire: probe.wire,
      tokenUrl: endpoints.token,
      client: authorized.client,
      now: () => probe.clock.now(),
    };
    const answer = await postToken(context, redemption(authorized, {}));
    const second = await redeemWith(probe, authorized, {});
    const body = parseObject(answer.text);
    const [token, patient] = [stringOf(body?.['access_token']), stringOf(body?.['patient'])];
    const readAfter =
      token === undefined || patient === undefined ? null : await fhirGet(probe, token, `Patient/${patient}`);
    return { facts: { first: facts(seen(answer)), second, readAfter }, live: undefined };
  },
});

export interface CodeBindingFacts {
  readonly otherRedirectUri: RedemptionFacts;
  readonly noRedirectUri: RedemptionFacts;
}

/** Codes redeemed with another redirect URI than the one they were issued for. */
export const codeBinding = defineEvidence<CodeBindingFacts>({
  id: 'codeBinding',
  async gather(probe) {
    const [otherRedirectUri, noRedirectUri] = await Promise.all([
      freshCode(probe).then((code) =>
        redeemWith(probe, code, { redirect_uri: 'https://app.example.org/callback' }),
      ),
      freshCode(probe).then((code) => redeemWith(probe, code, { redirect_uri: undefined })),
    ]);
    return { facts: { otherRedirectUri, noRedirectUri }, live: undefined };
  },
});

export interface CodeClientFacts {
  readonly otherClient: RedemptionFacts;
}

/** A code of the confidential app redeemed by the public one. */
export const codeClient = defineEvidence<CodeClientFacts>({
  id: 'codeClient',
  async gather(probe) {
    const thief = publicApp(probe.profile);
    const authorized = await freshCode(probe);
    const { endpoints } = await probe.use(configuration);
    const form = redemption(authorized, {});
    const auth = { headers: {}, form: { client_id: thief.clientId } };
    const answer = await postTokenWith({ wire: probe.wire, tokenUrl: endpoints.token }, form, auth);
    return { facts: { otherClient: facts(seen(answer)) }, live: undefined };
  },
});

export interface ClientSecretFacts {
  readonly idAlone: RedemptionFacts;
  readonly wrongSecret: RedemptionFacts;
}

/** A good code of a client that does not prove who it is. */
export const clientSecret = defineEvidence<ClientSecretFacts>({
  id: 'clientSecret',
  async gather(probe) {
    const client = secretApp(probe.profile);
    const { endpoints } = await probe.use(configuration);
    const context = { wire: probe.wire, tokenUrl: endpoints.token };
    const [alone, other] = await Promise.all([freshCode(probe, client), freshCode(probe, client)]);
    const idOnly = { headers: {}, form: { client_id: client.clientId } };
    const wrong = basicAuth(client.clientId, `wrong-${randomToken(12)}`);
    const idAlone = facts(seen(await postTokenWith(context, redemption(alone, {}), idOnly)));
    const wrongSecret = facts(seen(await postTokenWith(context, redemption(other, {}), wrong)));
    return { facts: { idAlone, wrongSecret }, live: undefined };
  },
});
