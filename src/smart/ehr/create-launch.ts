import { SmartfhirError } from '../../core/errors.ts';
import { postTokenWith, tokenSet } from '../app/token.ts';
import { basicAuth } from '../client-auth.ts';
import { describe, place } from '../discovery.ts';
import { parseObject, stringOf } from '../json.ts';
import type { Answer, Wire } from '../recorder.ts';
import type { ProfileEhr } from '../server-profile.ts';

/** What an EHR has open when the user starts an app. */
export interface LaunchContext {
  /** The app that is launched. */
  readonly clientId: string;
  readonly patient: string;
  readonly encounter?: string;
  readonly intent?: string;
  readonly needPatientBanner?: boolean;
}

/** The EHR's own app-only token, straight from the identity provider. */
export async function ehrToken(wire: Wire, ehr: ProfileEhr): Promise<string> {
  const form = { grant_type: 'client_credentials', scope: ehr.scope };
  const answer = await postTokenWith(
    { wire, tokenUrl: ehr.tokenUrl },
    form,
    basicAuth(ehr.clientId, ehr.secret),
  );
  return tokenSet(wire, answer).accessToken;
}

/** One request to create a launch id; the answer is not judged. */
export async function postLaunch(
  wire: Wire,
  ehr: ProfileEhr,
  token: string | undefined,
  context: LaunchContext,
): Promise<Answer> {
  return await wire.send({
    method: 'POST',
    url: ehr.launchUrl,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(context),
  });
}

/** Plays the EHR: a one-time handle for this app and this patient. */
export async function createLaunch(wire: Wire, ehr: ProfileEhr, context: LaunchContext): Promise<string> {
  const answer = await postLaunch(wire, ehr, await ehrToken(wire, ehr), context);
  const launch = stringOf(parseObject(answer.text)?.['launch']);
  if (answer.status === 201 && launch !== undefined) {
    wire.redactor.addSecret(launch, 'launch');
    return launch;
  }
  const said = stringOf(parseObject(answer.text)?.['error_description']);
  const message = `${place(answer.url)} did not create a launch: ${describe(answer.status, answer.text)}`;
  if (answer.status === 401 || answer.status === 403) {
    throw new SmartfhirError('FORBIDDEN', message, {
      ...(said === undefined ? {} : { why: said }),
      fix: 'check that the EHR client has the role that may create launches',
    });
  }
  throw new SmartfhirError(said === undefined ? 'RESPONSE_INVALID' : 'OAUTH_REFUSED', message, {
    ...(said === undefined ? {} : { why: said }),
    fix: 'check that the client is registered with launch: ehr, and that patient and encounter exist',
  });
}

/** The URL that opens an app (SMART app-launch step 2): its launch URL with `iss` and `launch`. */
export function launchUrl(app: string, iss: string, launch: string): string {
  const url = new URL(app);
  url.searchParams.set('iss', iss);
  url.searchParams.set('launch', launch);
  return url.href;
}
