import { describe, expect, test } from 'vitest';
import { audience } from '../../../src/checks/evidence/audience.ts';
import { chosenScopes } from '../../../src/checks/evidence/chosen-scopes.ts';
import {
  clientSecret,
  codeBinding,
  codeClient,
  codeReuse,
  verifiers,
} from '../../../src/checks/evidence/code-redemption.ts';
import { denial } from '../../../src/checks/evidence/denial.ts';
import { introspection } from '../../../src/checks/evidence/introspection.ts';
import { patientBoundary } from '../../../src/checks/evidence/patient-boundary.ts';
import { redirectUris } from '../../../src/checks/evidence/redirect-uris.ts';
import {
  publicRotation,
  refreshed,
  refreshMisuse,
  refreshScopes,
} from '../../../src/checks/evidence/refresh.ts';
import { revocation, revokedRefresh } from '../../../src/checks/evidence/revocation.ts';
import {
  session,
  standaloneAuthorization,
  standaloneExchange,
} from '../../../src/checks/evidence/standalone.ts';
import { s256 } from '../../../src/smart/pkce.ts';
import { type Asked, AUTH, BASE, back, client, json, profile, REDIRECT, world } from './fake-smart.ts';

const AUTHORIZE = `GET ${AUTH}/authorize`;
const TOKEN = `POST ${AUTH}/token`;
const asksFor = (path: string) => (asked: Asked) => asked.url.pathname === path;
const SPA = client({ kind: 'public', clientId: 'spa', redirectUri: 'https://spa.example.com/cb' });
const WITH_SPA = profile({ clients: { web: client(), spa: SPA } });

describe('a launch', () => {
  test('asks for everything the app has, and proves itself at the token endpoint', async () => {
    const { asked, facts } = world();
    expect(await facts(standaloneAuthorization)).toMatchObject({ outcome: { kind: 'code' } });
    expect(await facts(session)).toMatchObject({ accessToken: { b64token: true, length: 14 } });
    const query = asked.find(asksFor('/authorize'))?.url.searchParams;
    const form = asked.find(asksFor('/token'))?.form;
    expect(Object.fromEntries(query ?? [])).toMatchObject({
      ...{ response_type: 'code', client_id: 'web', redirect_uri: REDIRECT, aud: BASE },
      ...{ scope: client().scopes.join(' '), code_challenge_method: 'S256' },
    });
    expect(s256(form?.get('code_verifier') ?? '')).toBe(query?.get('code_challenge'));
    expect(asked.find(asksFor('/token'))?.headers.get('authorization')).toBe(
      `Basic ${btoa('web:web-secret')}`,
    );
  });

  test('spells a wildcard out with the types that are published', async () => {
    const configuration = {
      ...{ authorization_endpoint: `${AUTH}/authorize`, token_endpoint: `${AUTH}/token` },
      scopes_supported: [
        'patient/Goal.rs',
        'patient/Condition.rs',
        'user/Condition.rs',
        'patient/Goal.read',
        7,
      ],
    };
    const { asked, facts } = world(
      { [`GET ${BASE}/.well-known/smart-configuration`]: json(configuration) },
      { clients: { web: client({ scopes: ['openid', 'patient/*.rs', 'user/*.cruds'] }) } },
    );
    await facts(standaloneAuthorization);
    expect(asked.find(asksFor('/authorize'))?.url.searchParams.get('scope')).toBe(
      'openid patient/Goal.rs patient/Condition.rs user/*.cruds',
    );
  });

  test.each<[string, () => Response, string]>([
    ['an error', () => new Response(null, { status: 400 }), 'a page (400)'],
    ['a redirect without anything', () => Response.redirect(REDIRECT), 'a redirect without code and error'],
  ])('that leads to %s gives no session, and no misuse is tried', async (_, answer, said) => {
    const { asked, reason } = world({ [AUTHORIZE]: answer });
    expect(await reason(session)).toBe(
      `skip: no authorization code came: the server answered ${said} (launch/code-issued judges that)`,
    );
    for (const evidence of [denial, redirectUris, audience, verifiers, patientBoundary])
      expect(await reason(evidence)).toMatch(/^skip: no authorization code came/);
    expect(asked.filter(asksFor('/authorize'))).toHaveLength(1);
  });

  test('that is refused says with which error', async () => {
    const routes = { [AUTHORIZE]: ({ url }: Asked) => back(url, { error: 'invalid_scope' }) };
    expect(await world(routes).reason(session)).toMatch(
      /error=invalid_scope \(launch\/code-issued judges that\)$/,
    );
  });

  test.each<[string, Response, string]>([
    ['an OAuth error', Response.json({ error: 'invalid_client' }, { status: 401 }), '401 invalid_client'],
    ['a page', new Response('<!doctype html>'), '200 with an HTML page'],
    ['no token', Response.json({ token_type: 'Bearer' }), '200'],
    ['a token that is a number', Response.json({ access_token: 7 }), '200'],
  ])('whose code is answered with %s gives no session', async (_, answer, said) => {
    const { reason, facts } = world({ [TOKEN]: () => answer.clone() });
    expect(await reason(session)).toBe(
      `skip: no access token came: the token endpoint answered ${said} (token/exchange judges that)`,
    );
    expect((await facts(standaloneExchange)).answer.status).toBe(answer.status);
  });

  test('keeps neither token nor code in its facts', async () => {
    const { keep } = world({
      [AUTHORIZE]: ({ url }) => back(url, { code: 'planted-code-value' }),
      [TOKEN]: json({
        access_token: 'planted-access',
        refresh_token: 'planted-refresh',
        note: 'is planted-access',
      }),
    });
    const kept = [await keep(session), await keep(standaloneExchange), await keep(standaloneAuthorization)];
    expect(JSON.stringify(kept)).not.toContain('planted-');
  });

  test('needs an app and a user, and says which is missing', async () => {
    expect(await world({}, { clients: {} }).reason(session)).toMatch(/^skip: needs a client/);
    expect(await world({}, { users: {} }).reason(session)).toMatch(/^skip: needs a user/);
  });
});

describe('authorization requests that must be refused', () => {
  const requests = (asked: readonly Asked[]): readonly URLSearchParams[] =>
    asked.filter(asksFor('/authorize')).map(({ url }) => url.searchParams);

  test('redirect URIs differ from the registered one in one thing each', async () => {
    const { asked, facts } = world();
    const { variants, unknownClient } = await facts(redirectUris);
    const uris = requests(asked).map((query) => query.get('redirect_uri'));
    expect(uris.slice(1)).toEqual([
      'https://app.example.com/cb/x',
      'https://app.example.com/cb?x=1',
      'https://app.example.org/cb',
      'https://app.example.com/CB',
      REDIRECT,
      'https://app.example.org/callback',
    ]);
    // The fake redirects to all of them: that is what must be seen.
    expect(variants.map(({ outcome }) => outcome.kind)).toEqual(['code', 'code', 'code', 'code']);
    expect(unknownClient.kind).toBe('code');
  });

  test('a server that keeps to itself is seen to', async () => {
    const strict = ({ url }: Asked): Response | undefined =>
      url.searchParams.get('redirect_uri') === REDIRECT && url.searchParams.get('client_id') === 'web'
        ? undefined
        : new Response('no', { status: 400 });
    const { variants, unknownClient, errorToBadUri } = await world({ [AUTHORIZE]: strict }).facts(
      redirectUris,
    );
    const outcomes = [...variants.map(({ outcome }) => outcome), unknownClient, errorToBadUri];
    expect(outcomes.map(({ kind, status }) => [kind, status])).toEqual(Array(6).fill(['page', 400]));
  });

  test('aud is foreign, then absent', async () => {
    const { asked, facts } = world({
      [AUTHORIZE]: ({ url }) =>
        url.searchParams.get('aud') === BASE ? undefined : back(url, { error: 'invalid_request' }),
    });
    const found = await facts(audience);
    expect(found.wrongByGet).toMatchObject({ kind: 'error', oauthError: 'invalid_request' });
    expect(found.absentByGet).toMatchObject({ kind: 'error' });
    expect(requests(asked).map((query) => query.get('aud'))).toEqual(
      expect.arrayContaining([BASE, 'https://fhir.example.org/r4', null]),
    );
  });
});

describe('codes that must not be redeemed', () => {
  const redemptions = (asked: readonly Asked[]): readonly Asked[] => asked.filter(asksFor('/token')).slice(1);

  test('without the right verifier: each with a code of its own', async () => {
    const { asked, facts } = world({
      [AUTHORIZE]: ({ url }) => back(url, { code: String(url.searchParams.get('state')) }),
    });
    const found = await facts(verifiers);
    expect(Object.values(found).every(({ tokenCame }) => tokenCame)).toBe(true);
    const challenges = new Map(
      asked
        .filter(asksFor('/authorize'))
        .map(({ url: { searchParams } }) => [searchParams.get('state'), searchParams.get('code_challenge')]),
    );
    const sent = redemptions(asked).map(({ form }) => ({
      verifier: form.get('code_verifier'),
      challenge: challenges.get(form.get('code')) ?? '',
    }));
    expect(new Set(redemptions(asked).map(({ form }) => form.get('code'))).size).toBe(4);
    expect(sent.filter(({ verifier }) => verifier === null)).toHaveLength(1);
    expect(sent.filter(({ verifier }) => verifier === '')).toHaveLength(1);
    expect(sent.filter(({ verifier, challenge }) => verifier === challenge)).toHaveLength(1);
    expect(sent.some(({ verifier, challenge }) => verifier !== null && s256(verifier) === challenge)).toBe(
      false,
    );
  });

  test('twice, after which the first token is tried', async () => {
    let times = 0;
    const { asked, facts } = world({
      [TOKEN]: ({ form }) => {
        if (form.get('code')?.includes('Observation')) return undefined;
        times += 1;
        return times === 1 ? undefined : Response.json({ error: 'invalid_grant' }, { status: 400 });
      },
      [`GET ${BASE}/Patient/p1`]: json({}, 401),
    });
    expect(await facts(codeReuse)).toMatchObject({
      first: { tokenCame: true },
      second: { tokenCame: false, answer: { status: 400 } },
      readAfter: { status: 401 },
    });
    const [first, second] = redemptions(asked).map(({ body }) => body);
    expect(first).toBe(second);
  });

  test('for another redirect URI, or none', async () => {
    const { asked, facts } = world();
    await facts(codeBinding);
    expect(
      redemptions(asked)
        .map(({ form }) => form.get('redirect_uri'))
        .sort(),
    ).toEqual(['https://app.example.org/callback', null].sort());
  });

  test('by another client, by its id alone, with a wrong secret', async () => {
    const { asked, facts } = world({}, WITH_SPA);
    await facts(codeClient);
    await facts(clientSecret);
    const sent = redemptions(asked).map(({ form, headers }) => [
      form.get('client_id'),
      headers.get('authorization'),
    ]);
    expect(sent.slice(0, 2)).toEqual([
      ['spa', null],
      ['web', null],
    ]);
    const [, wrong = ''] = /^Basic (.+)$/.exec(String(sent[2]?.[1])) ?? [];
    expect(atob(wrong)).toMatch(/^web:wrong-/);
  });
});

describe('refresh', () => {
  test('begins with what came, goes on with the newest, and reads with the new token', async () => {
    let n = 1;
    const { asked, facts } = world(
      {
        [TOKEN]: ({ form }) => {
          if (form.get('grant_type') !== 'refresh_token') return undefined;
          n += 1;
          return Response.json({
            access_token: `access-token-${n}`,
            refresh_token: `refresh-${n}`,
            scope: 'openid',
          });
        },
        [`GET ${BASE}/Patient/p1`]: json({ resourceType: 'Patient', id: 'p1' }),
      },
      WITH_SPA,
    );
    expect(await facts(refreshed)).toMatchObject({ originalPatient: 'p1', read: { status: 200 } });
    expect(asked.at(-1)?.headers.get('authorization')).toBe('Bearer access-token-2');
    expect(await world().reason(refreshScopes)).toMatch(/no scope of a single type that could be left out/);
  });

  const WIDE = {
    access_token: 'access-token-1',
    refresh_token: 'refresh-1',
    scope: 'openid patient/Patient.rs patient/Goal.rs',
    patient: 'p1',
  };
  test('asks for less, then for more than was ever granted', async () => {
    const { asked, facts } = world(
      {
        [TOKEN]: ({ form }) =>
          Response.json(form.get('scope')?.includes('system/') ? { error: 'invalid_scope' } : WIDE, {
            status: form.get('scope')?.includes('system/') ? 400 : 200,
          }),
      },
      WITH_SPA,
    );
    expect(await facts(refreshScopes)).toMatchObject({
      narrowAsked: 'openid patient/Patient.rs',
      narrowScope: WIDE.scope,
      wideAsked: `${WIDE.scope} system/Patient.rs`,
      wideScope: null,
    });
    await facts(refreshMisuse);
    const misused = asked.filter(asksFor('/token')).slice(-3);
    expect(misused.map(({ form }) => form.get('client_id'))).toEqual([null, 'spa', 'web']);
    expect(misused[0]?.form.get('refresh_token')).toMatch(/^unknown-/);
    expect(misused.slice(1).every(({ form }) => form.get('refresh_token') === 'refresh-1')).toBe(true);
  });

  test.each([
    ['rotates', 'refresh-2', true],
    ['repeats', 'refresh-1', false],
  ])('of a public app that %s its token', async (_, next, rotated) => {
    const { asked, facts } = world(
      {
        [TOKEN]: ({ form }) =>
          form.get('grant_type') === 'refresh_token'
            ? Response.json({ access_token: 'a', refresh_token: next })
            : undefined,
      },
      { clients: { spa: SPA } },
    );
    const found = await facts(publicRotation);
    expect([found.rotated, found.replay !== null, found.afterReplay !== null]).toEqual([
      rotated,
      rotated,
      rotated,
    ]);
    const used = asked.filter(asksFor('/token')).flatMap(({ form }) => form.get('refresh_token') ?? []);
    expect(used).toEqual(rotated ? ['refresh-1', 'refresh-1', 'refresh-2'] : ['refresh-1']);
  });
});

describe('revocation', () => {
  test('is tried by another client first, by the owner last; reads stand between', async () => {
    const { asked, facts } = world({}, WITH_SPA);
    await facts(revocation);
    const path = asked.slice(asked.findLastIndex(asksFor('/token')) + 1);
    expect(path.map(({ url, form }) => `${url.pathname} ${form.get('client_id') ?? ''}`.trim())).toEqual([
      '/r4/Patient/p1',
      '/revoke spa',
      '/r4/Patient/p1',
      '/revoke',
      '/revoke',
      '/r4/Patient/p1',
    ]);
  });

  test('by another client is never tried as the client itself', async () => {
    const clients = { spa: SPA, ehr: client({ kind: 'public', launch: 'ehr', clientId: 'clinic' }) };
    const { asked, facts } = world({}, { clients });
    await facts(revocation);
    expect(asked.filter(asksFor('/revoke')).map(({ form }) => form.get('client_id'))).toEqual([
      'clinic',
      'spa',
      'spa',
    ]);
  });

  test('of the refresh token is followed by its use', async () => {
    const { asked, facts } = world();
    await facts(revokedRefresh);
    expect(
      asked.slice(-2).map(({ url, form }) => [url.pathname, form.get('token') ?? form.get('refresh_token')]),
    ).toEqual([
      ['/revoke', 'refresh-1'],
      ['/token', 'refresh-1'],
    ]);
  });

  test('does not apply where the server offers none', async () => {
    const configuration = { authorization_endpoint: `${AUTH}/authorize`, token_endpoint: `${AUTH}/token` };
    const { reason } = world({ [`GET ${BASE}/.well-known/smart-configuration`]: json(configuration) });
    expect(await reason(revocation)).toBe('na: the server has no revocation_endpoint');
    expect(await reason(introspection)).toBe('na: the server has no introspection_endpoint');
  });
});

test('introspection compares with what the session said, and asks for an unknown token and for none', async () => {
  const server = client({ launch: 'none', clientId: 'rs', secret: 'rs-secret' });
  const { asked, facts } = world({}, { clients: { web: client(), rs: server } });
  const { expected } = await facts(introspection);
  expect(expected).toMatchObject({
    clientId: 'web',
    scope: 'openid patient/Patient.rs',
    context: { patient: 'p1' },
  });
  expect(expected.exp).toBe(Date.parse('2026-11-24T12:05:00Z') / 1000);
  const tokens = asked.filter(asksFor('/introspect')).map(({ form }) => form.get('token'));
  expect(tokens).toHaveLength(3);
  expect(tokens).toEqual(
    expect.arrayContaining(['access-token-1', expect.stringMatching(/^unknown-/), null]),
  );
  expect(asked.at(-1)?.headers.get('authorization')).toBe(`Basic ${btoa('rs:rs-secret')}`);
});

describe('the patient boundary', () => {
  const bundle = (...resources: object[]) => ({
    resourceType: 'Bundle',
    entry: resources.map((resource) => ({ resource })),
  });
  const of = (patient: string, id: string) => ({
    resourceType: 'Observation',
    id,
    subject: { reference: `Patient/${patient}` },
  });

  test('is walked by every road, and whose rows came is told by id', async () => {
    const { asked, facts } = world(
      {
        [`GET ${BASE}/Observation`]: json(bundle(of('p1', 'a'), of('p2', 'b'), of('p2', 'c'))),
        [`POST ${BASE}`]: json(bundle({ resourceType: 'Patient', id: 'p2' }, bundle(of('p3', 'd')))),
      },
      { otherPatient: 'p2' },
    );
    const found = await facts(patientBoundary);
    expect(found).toMatchObject({
      ...{ own: 'p1', other: 'p2', batch: { patients: ['p2', 'p3'] } },
      unfiltered: { patients: ['p1', 'p2'], rows: ['Observation/a', 'Observation/b', 'Observation/c'] },
    });
    const roads = asked.slice(asked.findLastIndex(asksFor('/token')) + 1);
    expect(roads.every(({ headers }) => headers.get('authorization') === 'Bearer access-token-1')).toBe(true);
    const batch = JSON.parse(
      roads.find(({ method, url }) => method === 'POST' && url.pathname === '/r4')?.body ?? '{}',
    );
    expect(batch.entry.map(({ request }: { request: { method: string } }) => request.method)).toEqual([
      'GET',
      'GET',
    ]);
  });

  test('is not walked for a patient that is no bare id', async () => {
    const routes = { [TOKEN]: json({ access_token: 'access-token-1', patient: '../Practitioner/1' }) };
    const { asked, reason } = world(routes, { otherPatient: 'p2' });
    expect(await reason(patientBoundary)).toMatch(/no bare id \(context\/patient-bare-id tells why\)/);
    expect(asked.filter(({ url }) => url.href.startsWith(`${BASE}/P`))).toEqual([]);
  });

  test('needs another patient', async () => {
    expect(await world().reason(patientBoundary)).toMatch(/^skip: needs otherPatient/);
  });
});

test('the user declines one type that the app asked for; that type is then asked for', async () => {
  const box = (scope: string): string => `<input type="checkbox" name="scope" value="${scope}" checked>`;
  const page = `<form method="post" action="/choose">${client().scopes.map(box).join('')}<button>Allow</button></form>`;
  const chosen: string[][] = [];
  let request: URL | undefined;
  const { facts } = world({
    [AUTHORIZE]: ({ url }) => {
      request = url;
      return new Response(page, { headers: { 'content-type': 'text/html' } });
    },
    [`POST ${AUTH}/choose`]: ({ form }) => {
      chosen.push(form.getAll('scope'));
      return back(request ?? new URL(AUTH), { code: 'c' });
    },
    [`GET ${BASE}/Observation`]: json({
      resourceType: 'Bundle',
      entry: [{ resource: { resourceType: 'Observation', id: 'o1' } }],
    }),
  });
  const found = await facts(chosenScopes);
  expect(found).toMatchObject({ refusedType: 'Observation', refusedRead: { status: 404 } });
  expect(found.chosen).toBe('launch/patient openid patient/Patient.rs');
  expect(chosen).toEqual([client().scopes, found.chosen.split(' ')]);
});
