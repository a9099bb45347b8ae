import { SmartfhirError } from '../../core/errors.ts';
import { signIn } from '../app/sign-in.ts';
import { launchUrl } from '../ehr/create-launch.ts';
import { baseUrl, type ProfileClient, type ProfileUser } from '../server-profile.ts';
import { createLaunchFor, type LaunchDocument } from './app-launch.ts';
import { Sequence, type SequenceOptions } from './sequence.ts';

export interface EhrOnlyOptions extends SequenceOptions {
  readonly client: ProfileClient & { readonly name: string };
  readonly user: ProfileUser | undefined;
  readonly patient: string | undefined;
  readonly encounter: string | undefined;
  /** Launch URL of somebody else's app. */
  readonly app: string;
  /** A launch handle made elsewhere. */
  readonly launch: string | undefined;
  /** Shows the URL to the user's browser. */
  readonly open: (url: string) => void;
  /** Walk through the app by script instead. */
  readonly headless: boolean;
}

/**
 * The app's launch URL with `iss` and a fresh handle. The only thing printed, so it is not redacted.
 *
 * @throws SmartfhirError `UNREACHABLE` or `OAUTH_REFUSED` when no launch was created
 */
export async function createLaunchUrl(options: EhrOnlyOptions): Promise<string> {
  const sequence = new Sequence(options);
  const url = await createLaunchStep(sequence, options);
  if (url !== undefined) return url;
  const { results } = sequence.document({ asked: {}, granted: {}, context: {}, reads: [] });
  const failed = results.find((result) => result.outcome === 'fail' || result.outcome === 'error');
  throw new SmartfhirError(
    failed?.outcome === 'error' ? 'UNREACHABLE' : 'OAUTH_REFUSED',
    failed?.message ?? 'no launch was created',
    failed?.fix ? { fix: failed.fix } : {},
  );
}

async function createLaunchStep(sequence: Sequence, options: EhrOnlyOptions): Promise<string | undefined> {
  return await sequence.step('launch/ehr', 'ehr → launch', async (wire) => {
    const handle = options.launch ?? (await createLaunchFor(wire, options.profile, options.client, options));
    return {
      value: launchUrl(options.app, baseUrl(options.profile), handle),
      message: 'the EHR created a launch',
    };
  });
}

/** A page that no app can be at: the walk goes on until the app shows one. */
const NOWHERE = 'https://nowhere.invalid/';

/** Plays the EHR alone: opens somebody else's app. What the app does afterwards is the app's. */
export async function runEhrOnly(options: EhrOnlyOptions): Promise<LaunchDocument> {
  const sequence = new Sequence(options);
  const url = await createLaunchStep(sequence, options);
  await sequence.step('launch/open', 'ehr → app', async (wire) => {
    const opened = url ?? options.app;
    if (!options.headless) {
      options.open(opened);
      return { value: undefined, message: 'opened in the browser' };
    }
    const ended = await signIn({ wire, request: { url: opened }, redirectUri: NOWHERE, user: options.user });
    if (ended.kind === 'stopped' && ended.answer.status < 300)
      return { value: undefined, message: 'the app showed a page at the end' };
    const status = ended.kind === 'stopped' ? ended.answer.status : 0;
    throw new SmartfhirError('RESPONSE_INVALID', `the app ended at a page with status ${status}`);
  });
  return sequence.document({
    asked: { kind: 'ehr', client: options.client.name, clientId: options.client.clientId, app: options.app },
    granted: {},
    context: {},
    reads: [],
  });
}
