import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { runAppLaunch } from '../../../src/smart/launch/app-launch.ts';
import { runBackendLaunch } from '../../../src/smart/launch/backend-launch.ts';
import { chooseClient, chooseUser } from '../../../src/smart/launch/choose.ts';
import { profileSecrets, type ServerProfile } from '../../../src/smart/server-profile.ts';
import { type ProvisionedStack, restoreStack } from '../../support/provisioned-stack.ts';

let stack: ProvisionedStack;
beforeAll(async () => {
  stack = await restoreStack(inject('snapshot'));
});
afterAll(async () => await stack?.close());

const common = () => ({
  profile: stack.profile,
  fetch: stack.cloud.fetch,
  clock: systemClock,
  version: '0.0.0',
  signal: new AbortController().signal,
});

async function launch(
  kind: 'standalone' | 'ehr',
  client?: string,
  more: Partial<Parameters<typeof runAppLaunch>[0]> = {},
) {
  return await runAppLaunch({
    ...common(),
    kind,
    client: chooseClient(stack.profile, kind, client),
    user: chooseUser(stack.profile, kind, undefined),
    scope: undefined,
    patient: undefined,
    encounter: undefined,
    launch: undefined,
    ...more,
  });
}

const outcomes = (document: Awaited<ReturnType<typeof launch>>): Record<string, string> =>
  Object.fromEntries(document.results.map((step) => [step.id, step.outcome]));

describe('launches against the provisioned stack', () => {
  test('standalone: asked, given, context, reads', async () => {
    const document = await launch('standalone');
    expect(document.results.filter((step) => step.outcome !== 'pass')).toEqual([]);
    expect(document.launch).toMatchObject({
      asked: { kind: 'standalone', client: 'patient-confidential' },
      context: { patient: 'patient-a' },
    });
    expect(document.launch.granted['scope']).toBe(document.launch.asked['scope']);
    expect(document.launch.reads[0]).toEqual({ path: 'Patient/patient-a', status: 200, rows: 1 });
    expect(document.launch.reads.length).toBeGreaterThan(5);
  });

  test('standalone as a public client, with fewer scopes', async () => {
    const document = await launch('standalone', 'patient-public', {
      scope: 'launch/patient openid fhirUser patient/Patient.rs',
    });
    expect(document.launch.granted).toMatchObject({
      scope: 'launch/patient openid fhirUser patient/Patient.rs',
      refreshToken: false,
      idToken: true,
    });
    expect(document.summary.fail).toBe(0);
  });

  test('EHR: the patient and encounter that are open', async () => {
    const document = await launch('ehr', undefined, { patient: 'patient-b', encounter: 'encounter-b' });
    expect(document.results.filter((step) => step.outcome !== 'pass')).toEqual([]);
    expect(document.launch.context).toMatchObject({
      patient: 'patient-b',
      encounter: 'encounter-b',
      need_patient_banner: true,
    });
  });

  test('backend: token, search, group export', async () => {
    const document = await runBackendLaunch({
      ...common(),
      client: chooseClient(stack.profile, 'backend', undefined),
      scope: undefined,
    });
    expect(document.results.filter((step) => step.outcome !== 'pass')).toEqual([]);
    expect(document.launch.reads.find((read) => read['path'] === 'Patient')).toMatchObject({
      status: 200,
      rows: 3,
    });
  });

  test('no secret is in the document', async () => {
    const text = JSON.stringify(await launch('standalone'));
    expect(profileSecrets(stack.profile).filter((secret) => text.includes(secret))).toEqual([]);
    expect(text).not.toMatch(/eyJ[A-Za-z0-9_-]{10,}\./);
  });
});

describe('a launch that fails', () => {
  const withClient = (name: string, more: object): ServerProfile => {
    const client = stack.profile.clients[name];
    if (client === undefined) throw new Error(`no client ${name}`);
    return { ...stack.profile, clients: { ...stack.profile.clients, [name]: { ...client, ...more } } };
  };

  test.each([
    ['backend', 'smartfhir launch backend --client backend'],
    ['introspector', 'smartfhir client list'],
  ])('because nobody signs in to %s names the next command', async (name, command) => {
    await expect(launch('standalone', name)).rejects.toMatchObject({
      code: 'MISSING_INPUT',
      why: expect.stringContaining('nobody signs in to it'),
      command,
    });
  });

  test('at the token endpoint says so and skips the rest', async () => {
    const profile = withClient('patient-confidential', { secret: 'not-the-secret-at-all' });
    const document = await launch('standalone', undefined, {
      profile,
      client: chooseClient(profile, 'standalone', undefined),
    });
    expect(outcomes(document)).toMatchObject({
      'launch/callback': 'pass',
      'launch/token': 'fail',
      'launch/read': 'skip',
    });
    expect(document.results.find((step) => step.id === 'launch/token')?.message).toMatch(/invalid_client/);
  });

  test('at the password is named', async () => {
    const user = chooseUser(stack.profile, 'standalone', undefined);
    const document = await launch('standalone', undefined, {
      user: { username: user?.username ?? '', password: 'wrong password' },
    });
    expect(outcomes(document)['launch/user']).toBe('fail');
  });

  test('with an unknown launch is refused by the server', async () => {
    const document = await launch('ehr', undefined, { launch: 'a-launch-nobody-made' });
    expect(outcomes(document)).toMatchObject({ 'launch/ehr': 'pass', 'launch/token': 'skip' });
    expect(document.summary.fail).toBe(1);
  });

  test('at an unreachable server could not be checked', async () => {
    const document = await launch('standalone', undefined, {
      fetch: async () => {
        throw new TypeError('fetch failed');
      },
    });
    expect(outcomes(document)['launch/discovery']).toBe('error');
    expect(document.incomplete).toBe(true);
  });

  test('names the clients it knows', () => {
    expect(() => chooseClient(stack.profile, 'standalone', 'nobody')).toThrow(/no client "nobody"/);
    expect(() => chooseUser(stack.profile, 'ehr', 'nobody')).toThrow(/no user "nobody"/);
  });
});
