import { SmartfhirError } from '../../core/errors.ts';
import type { LaunchReport, ResultDocument } from '../../core/result.ts';
import { signIn } from '../app/sign-in.ts';
import { launchContextOf, type TokenSet } from '../app/token.ts';
import { createLaunch } from '../ehr/create-launch.ts';
import type { HttpRequest } from '../recorder.ts';
import type { ProfileClient, ProfileUser } from '../server-profile.ts';
import { AppSession } from './app-session.ts';
import { type AppRead, readAll } from './reads.ts';
import { Sequence, type SequenceOptions } from './sequence.ts';

export interface AppLaunchOptions extends SequenceOptions {
  readonly kind: 'standalone' | 'ehr';
  readonly client: ProfileClient & { readonly name: string };
  readonly user: ProfileUser | undefined;
  readonly scope: string | undefined;
  readonly patient: string | undefined;
  readonly encounter: string | undefined;
  /** A launch handle made elsewhere; else our EHR role makes one. */
  readonly launch: string | undefined;
  /** Walks the browser part and returns the URL it ended at; absent: scripted, without a browser. */
  readonly browse?: (request: HttpRequest, redirectUri: string) => Promise<string>;
}

export type LaunchDocument = ResultDocument & { readonly launch: LaunchReport };

/** One whole launch: EHR role where needed, app role, sign-in, tokens, reads. Never throws for what the server does. */
export async function runAppLaunch(options: AppLaunchOptions): Promise<LaunchDocument> {
  const sequence = new Sequence(options);
  const { client, profile, clock } = options;
  if (client.redirectUri === undefined) {
    const backend = client.launch === 'backend';
    throw new SmartfhirError('MISSING_INPUT', `client ${client.name} has no redirectUri`, {
      why: `it is registered with launch: ${client.launch}; nobody signs in to it`,
      fix: backend ? 'launch it as the backend service that it is' : 'name a client that people sign in to',
      command: backend ? `smartfhir launch backend --client ${client.name}` : 'smartfhir client list',
    });
  }
  const redirectUri = client.redirectUri;
  const scope = options.scope ?? client.scopes.join(' ');
  const app = new AppSession({ sequence, profile, clock, scope, client: { ...client, redirectUri } });
  const launch = options.kind === 'ehr' ? await handle(sequence, options) : undefined;
  const request = await app.begin(launch);
  const callback = await sequence.step('launch/user', 'user', async (wire) => {
    const start = request ?? { url: redirectUri };
    if (options.browse !== undefined) {
      return { value: await options.browse(start, redirectUri), message: 'signed in with a browser' };
    }
    const ended = await signIn({ wire, request: start, redirectUri, user: options.user });
    if (ended.kind === 'redirected')
      return { value: ended.url, message: `signed in as ${options.user?.username ?? 'nobody'}` };
    throw new SmartfhirError('SIGN_IN_FAILED', `sign-in ended at a page (${ended.answer.status})`, {
      why: ended.text.slice(0, 200),
    });
  });
  const tokens = callback === undefined ? undefined : await app.finish(callback);
  const reads = await sequence.step('launch/read', 'app → fhir', async (wire) => {
    if (tokens === undefined) throw new SmartfhirError('OAUTH_REFUSED', 'there is no token');
    return judgeReads(await readAll(wire, profile, tokens));
  });
  return sequence.document(report(options, scope, tokens, reads ?? []));
}

async function handle(sequence: Sequence, options: AppLaunchOptions): Promise<string | undefined> {
  const { profile, client } = options;
  return await sequence.step('launch/ehr', 'ehr → launch', async (wire) => {
    if (options.launch !== undefined) return { value: options.launch, message: 'a launch made elsewhere' };
    return {
      value: await createLaunchFor(wire, profile, client, options),
      message: 'the EHR created a launch',
    };
  });
}

/** The EHR's own step: a handle for this client, patient and encounter. */
export async function createLaunchFor(
  wire: Parameters<typeof createLaunch>[0],
  profile: SequenceOptions['profile'],
  client: ProfileClient,
  context: { readonly patient: string | undefined; readonly encounter: string | undefined },
): Promise<string> {
  const patient = context.patient ?? profile.patients[0];
  if (profile.ehr === undefined) {
    throw new SmartfhirError('MISSING_INPUT', 'this server has no way to create launches by HTTP', {
      fix: 'start the launch in the EHR and give its handle with --launch ID',
    });
  }
  if (patient === undefined) {
    throw new SmartfhirError('MISSING_INPUT', 'no patient to launch with', {
      fix: 'name one with --patient ID',
    });
  }
  const encounter = context.encounter ?? (context.patient === undefined ? profile.encounter : undefined);
  return await createLaunch(wire, profile.ehr, {
    clientId: client.clientId,
    patient,
    needPatientBanner: true,
    ...(encounter === undefined ? {} : { encounter }),
  });
}

function judgeReads(reads: readonly AppRead[]) {
  const refused = reads.filter((read) => read.status !== 200);
  const message =
    refused.length === 0
      ? `${reads.length} ${reads.length === 1 ? 'read' : 'reads'} answered`
      : `refused: ${refused.map((read) => `${read.path.split('?')[0]} ${read.status}`).join(', ')}`;
  return {
    value: reads,
    message,
    warn: refused.length > 0,
    fix: 'compare the refused types with the granted scopes',
  };
}

function report(
  options: AppLaunchOptions,
  scope: string,
  tokens: TokenSet | undefined,
  reads: readonly AppRead[],
): LaunchReport {
  const body = tokens?.body ?? {};
  return {
    asked: { kind: options.kind, client: options.client.name, clientId: options.client.clientId, scope },
    granted:
      tokens === undefined
        ? {}
        : {
            scope: tokens.scope,
            expiresIn: tokens.expiresIn ?? null,
            idToken: tokens.idToken !== undefined,
            refreshToken: tokens.refreshToken !== undefined,
          },
    context: launchContextOf(body),
    reads: reads.map((read) => ({ ...read })),
  };
}
