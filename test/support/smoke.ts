import { scaledClock } from '../../src/core/clock.ts';
import { Redactor } from '../../src/core/redact.ts';
import type { CheckResult } from '../../src/core/result.ts';
import { loadResources } from '../../src/data/load.ts';
import { generateSeed } from '../../src/data/seed/seed.ts';
import { describeOwnStack } from '../../src/environment/own-profile.ts';
import { planSession } from '../../src/provision/provision.ts';
import { openSession } from '../../src/provision/session.ts';
import { signIn } from '../../src/smart/app/sign-in.ts';
import type { TokenSet } from '../../src/smart/app/token.ts';
import { basicAuth } from '../../src/smart/client-auth.ts';
import { type LaunchDocument, runAppLaunch } from '../../src/smart/launch/app-launch.ts';
import { AppSession } from '../../src/smart/launch/app-session.ts';
import { runBackendLaunch } from '../../src/smart/launch/backend-launch.ts';
import { chooseClient, chooseUser } from '../../src/smart/launch/choose.ts';
import { Sequence } from '../../src/smart/launch/sequence.ts';
import { formRequest, Recorder, type Wire } from '../../src/smart/recorder.ts';
import type { ProvisionedStack } from './provisioned-stack.ts';

/** One thing that a stack is for; throws when it does not work. */
interface SmokeItem {
  readonly name: string;
  readonly run: () => Promise<void>;
}

export interface SmokeFailure {
  readonly name: string;
  readonly problem: string;
}

export type SmokedStack = Pick<ProvisionedStack, 'cloud' | 'profile' | 'outputs' | 'input'>;

/** Milliseconds for the whole set. */
const BUDGET_MS = 90_000;
/** Waits between polls shrink by this. */
const TIME_SCALE = 0.1;
/** One of each provider's, which apply must be able to write again. */
const REWRITTEN = ['storage/account', 'vault', 'fhir/workspace', 'functions/plan', 'apim/service'];

/**
 * The smoke set: everything that a stack is for, once. Apps, users, EHR and backends use the gateway; whoever deploys
 * reads, loads and writes. `stack` says how it was while it was sound.
 *
 * @returns what did not work; nothing when the stack is whole
 */
export async function smoke(stack: SmokedStack): Promise<readonly SmokeFailure[]> {
  const items = [...published(stack), ...launches(stack), ...sessions(stack), ...deployer(stack)];
  const failures = await Promise.all(
    items.map(async ({ name, run }): Promise<readonly SmokeFailure[]> => {
      try {
        await run();
        return [];
      } catch (error) {
        return [{ name, problem: error instanceof Error ? error.message : String(error) }];
      }
    }),
  );
  return failures.flat();
}

/** What anybody may read, and what browsers ask first. */
function published({ cloud, outputs, input }: SmokedStack): readonly SmokeItem[] {
  const get = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const answer = await cloud.fetch(new Request(`${outputs.fhirUrl}/${path}`, init));
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
    return answer;
  };
  return [
    {
      name: 'discovery',
      run: async () => {
        const configuration = (await (await get('.well-known/smart-configuration')).json()) as object;
        expectEqual(
          Object.entries(configuration).find(([key]) => key === 'token_endpoint')?.[1],
          outputs.tokenUrl,
        );
      },
    },
    { name: 'metadata', run: async () => void (await get('metadata')) },
    {
      name: 'preflight',
      run: async () => {
        const origin = input.config.clients.flatMap((client) => client.origins)[0] ?? '';
        const headers = {
          origin,
          'access-control-request-method': 'GET',
          'access-control-request-headers': 'authorization',
        };
        const answer = await get('Patient/patient-a', { method: 'OPTIONS', headers });
        expectEqual(answer.headers.get('access-control-allow-origin'), origin);
      },
    },
  ];
}

/** A launch of every client that can be launched, with its reads; backends export and fetch their files. */
function launches({ cloud, profile }: SmokedStack): readonly SmokeItem[] {
  const common = {
    profile,
    fetch: cloud.fetch,
    clock: scaledClock(TIME_SCALE),
    version: '0.0.0',
    signal: AbortSignal.timeout(BUDGET_MS),
  };
  return Object.entries(profile.clients).flatMap(([name, { launch }]): SmokeItem[] => {
    if (launch === 'none') return [];
    const client = chooseClient(profile, launch, name);
    const run = async (): Promise<void> => {
      if (launch === 'backend') return judge(await runBackendLaunch({ ...common, client, scope: undefined }));
      const user = chooseUser(profile, name === 'ehr-patient' ? 'standalone' : launch, undefined);
      const options = { scope: undefined, patient: undefined, encounter: undefined, launch: undefined };
      const document = await runAppLaunch({ ...common, ...options, kind: launch, client, user });
      judge(document);
      const idToken = document.results.find(({ id }) => id === 'launch/id-token');
      if (idToken?.message?.includes('fhirUser') !== true) throw new Error('the id_token names no fhirUser');
      for (const { request } of document.exchanges) refuseConsent(request.url);
    };
    return [{ name: `launch ${name}`, run }];
  });
}

/** Where the administrator consents for everybody, nobody else is asked. */
function refuseConsent(url: string): void {
  if (url.includes('/Consent/'))
    throw new Error('Entra asked the user for what the administrator consents to');
}

function judge(document: LaunchDocument): void {
  const bad = document.results.find(({ outcome }: CheckResult) => outcome !== 'pass' && outcome !== 'na');
  if (bad !== undefined) throw new Error(`${bad.id}: ${bad.message ?? bad.outcome}`);
  if (document.launch.reads.length === 0) throw new Error('nothing was read');
}

/** What happens to a session besides reads: introspection, the user's choice, revocation. */
function sessions(stack: SmokedStack): readonly SmokeItem[] {
  return [
    {
      name: 'scope choice, introspection, revocation',
      run: async () => {
        const { outputs, profile } = stack;
        const { wire, tokens, page } = await narrowedSession(stack);
        if (!page.includes('patient-a')) throw new Error('the scope page does not name the patient');
        const { clientId, secret = '' } = profile.clients['introspector'] ?? { clientId: '' };
        const introspect = async (): Promise<Record<string, unknown>> => {
          const form = { token: tokens.accessToken };
          const answer = await wire.send(
            formRequest(outputs.introspectUrl, form, basicAuth(clientId, secret).headers),
          );
          if (answer.status !== 200) throw new Error(`introspection answered ${answer.status}`);
          return JSON.parse(answer.text) as Record<string, unknown>;
        };
        const { active, patient, scope } = await introspect();
        expectEqual([active, patient, String(scope).includes('offline_access')], [true, 'patient-a', false]);
        const { clientId: id = '' } = profile.clients['patient-public'] ?? {};
        const form = { token: tokens.accessToken, client_id: id };
        expectEqual((await wire.send(formRequest(outputs.revokeUrl, form, {}))).status, 200);
        expectEqual(await introspect(), { active: false });
      },
    },
  ];
}

/** A session of the public client whose user does not give `offline_access`. */
async function narrowedSession({
  cloud,
  profile,
}: SmokedStack): Promise<{ wire: Wire; tokens: TokenSet; page: string }> {
  const clock = scaledClock(TIME_SCALE);
  const base = {
    profile,
    fetch: cloud.fetch,
    clock,
    version: '0.0.0',
    signal: AbortSignal.timeout(BUDGET_MS),
  };
  const sequence = new Sequence(base);
  const recorder = new Recorder({ fetch: cloud.fetch, redactor: new Redactor(), clock, concurrency: 2 });
  const plain = recorder.wire('smoke');
  let page = '';
  const wire: Wire = {
    ...plain,
    send: async (request, limits) => {
      refuseConsent(request.url);
      const answer = await plain.send(request, limits);
      if (answer.text.includes('name="scope"')) page = answer.text.replaceAll(/<[^>]*>/g, ' ');
      return answer;
    },
  };
  const client = chooseClient(profile, 'standalone', 'patient-public');
  const redirectUri = client.redirectUri ?? '';
  const app = new AppSession({
    sequence,
    profile,
    clock,
    scope: client.scopes.join(' '),
    client: { ...client, redirectUri },
  });
  const request = await app.begin();
  if (request === undefined) throw new Error('there is no authorization request');
  const user = chooseUser(profile, 'standalone', undefined);
  const ended = await signIn({
    wire,
    request,
    redirectUri,
    user,
    keepScope: (scope) => scope !== 'offline_access',
  });
  if (ended.kind !== 'redirected') throw new Error(`sign-in ended at a page: ${ended.text.slice(0, 200)}`);
  const tokens = await app.finish(ended.url);
  if (tokens === undefined) throw new Error('there is no token');
  return { wire, tokens, page };
}

/** What whoever deploys does with a stack that stands. */
function deployer(stack: SmokedStack): readonly SmokeItem[] {
  const { input, outputs, profile } = stack;
  const session = () => openSession(input);
  return [
    {
      name: 'outputs, client show',
      run: async () => {
        const now = await describeOwnStack(input);
        expectEqual(now.outputs, outputs);
        expectEqual(now.profile, profile);
      },
    },
    {
      name: 'data load',
      run: async () => {
        const { reader } = await session();
        await loadResources(generateSeed().slice(0, 1), {
          fetch: input.target.fetch,
          fhirUrl: outputs.azure.fhirServiceUrl,
          token: await reader.http.token(`${outputs.azure.fhirAudience}/.default`),
        });
      },
    },
    {
      name: 'API Management reads its key again',
      run: async () => {
        const { reader } = await session();
        await reader.arm.action(
          `${outputs.azure.apiManagementId}/namedValues/functions-key`,
          'refreshSecret',
        );
      },
    },
    {
      name: 'the published package is looked at',
      run: async () => {
        const { reader, context } = await session();
        const account = outputs.azure.storageAccountId.split('/').at(-1);
        const answer = await reader.http.send({
          method: 'GET',
          url: `https://${account}.blob.core.windows.net/${context.names.packageContainer}?restype=container&comp=list`,
          scope: 'https://storage.azure.com/.default',
          headers: { 'x-ms-version': '2023-11-03' },
        });
        if (!answer.text.includes('<Blob>')) throw new Error('the container is empty');
      },
    },
    {
      name: 'apply writes again',
      run: async () => {
        const open = await session();
        const { outputs: known } = await planSession(open);
        for (const id of REWRITTEN) {
          const resource = open.stack.resources.find((one) => one.id === id);
          if (resource === undefined || known[id] === undefined) throw new Error(`${id} is not there`);
          const want = resource.desired({ get: (from, field) => known[from]?.[field] ?? '' });
          await resource.apply(open.reader, want, (await resource.read(open.reader, want))?.have);
        }
      },
    },
  ];
}

function expectEqual(have: unknown, want: unknown): void {
  const [left, right] = [JSON.stringify(have), JSON.stringify(want)];
  if (left !== right) throw new Error(`it is ${left?.slice(0, 120)}, not ${right?.slice(0, 120)}`);
}
