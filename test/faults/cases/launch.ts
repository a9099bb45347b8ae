import { randomToken } from '../../../src/core/ids.ts';
import { html, json, oauthError } from '../answers.ts';
import type { Asked } from '../asked.ts';
import { breaks, type Fault, type Next } from '../fault.ts';
import {
  authorizeParameters,
  clientNamed,
  isAuthorize,
  isGoodRedemption,
  isLaunch,
  issuedFor,
} from '../requests.ts';
import { errorAtClient, redirect, resend } from './authorizing.ts';

const isCallback = (asked: Asked): boolean => asked.path === '/auth/callback';
const isChoice = (asked: Asked): boolean => asked.path === '/auth/choose';
const isError = (query: URLSearchParams): boolean => query.has('error');

/** An authorization request of this client, with all that belongs to it. */
function isBy(asked: Asked, name: string): boolean {
  const parameters = authorizeParameters(asked);
  return parameters?.get('client_id') === clientNamed(asked, name) && parameters.has('redirect_uri');
}

/** A server that lets a launch handle pass which it should refuse: as if the EHR had made it for the client that asks. */
function accepts(
  check: string,
  name: string,
  when: (handle: string, clientId: string, memory: Asked['memory']) => boolean,
): Fault {
  return breaks(
    check,
    name,
    (asked) => {
      const parameters = authorizeParameters(asked);
      const [handle, clientId] = [parameters?.get('launch'), parameters?.get('client_id')];
      return handle != null && clientId != null && when(handle, clientId, asked.memory);
    },
    async (asked, next) => {
      const parameters = new URLSearchParams(authorizeParameters(asked));
      parameters.set('launch', await anotherLaunch(asked, next, parameters.get('client_id') ?? ''));
      return next(resend(asked, parameters));
    },
  );
}

async function anotherLaunch({ profile }: Asked, next: Next, clientId: string): Promise<string> {
  const { ehr, patients } = profile;
  if (ehr === undefined) throw new Error('the profile has no EHR');
  const credentials = Buffer.from(`${ehr.clientId}:${encodeURIComponent(ehr.secret)}`).toString('base64');
  const body = new URLSearchParams({ grant_type: 'client_credentials', scope: ehr.scope });
  const headers = { authorization: `Basic ${credentials}` };
  const answer = await next(new Request(ehr.tokenUrl, { method: 'POST', headers, body }));
  const { access_token } = (await answer.json()) as { access_token: string };
  const created = await next(
    new Request(ehr.launchUrl, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ clientId, patient: patients[0] }),
    }),
  );
  return ((await created.json()) as { launch: string }).launch;
}

/** Launch creation that answers like this where it should refuse with `status`. */
function createsAnyway(status: number): Fault['answer'] {
  return async (asked, next) => {
    const response = await next(asked.request);
    return response.status === status ? json(201, { launch: randomToken(), expiresIn: 300 }) : response;
  };
}

export const launchFaults: readonly Fault[] = [
  breaks(
    'launch/code-issued',
    'the standalone app is answered with an error',
    (asked) => isBy(asked, 'patient-confidential'),
    async (asked) => errorAtClient(asked, 'server_error'),
  ),
  breaks(
    'launch/ehr-code-issued',
    'EHR launches end in an error',
    (asked) => isBy(asked, 'ehr-practitioner'),
    async (asked) => errorAtClient(asked, 'server_error'),
  ),
  breaks(
    'launch/ehr-exchange',
    'codes of EHR launches are refused',
    (asked) => isGoodRedemption(asked) && issuedFor(asked)?.has('launch') === true,
    async () => oauthError(400, 'invalid_grant'),
  ),
  breaks(
    'launch/state-returned',
    'state is lowered on its way back',
    isCallback,
    redirect(
      (query) => query.set('state', (query.get('state') ?? '').toLowerCase()),
      (query) => query.has('code'),
    ),
  ),
  breaks(
    'launch/state-returned',
    'state does not come back with the code',
    isCallback,
    redirect(
      (query) => query.delete('state'),
      (query) => query.has('code'),
    ),
  ),
  breaks(
    'launch/state-on-error',
    'reserved characters are lost from the state of errors',
    isAuthorize,
    redirect((query) => query.set('state', (query.get('state') ?? '').replace(/[^\w-]/g, '')), isError),
  ),
  breaks(
    'launch/state-on-error',
    'a denial comes back without state',
    isChoice,
    redirect((query) => query.delete('state'), isError),
  ),
  breaks(
    'launch/error-registered',
    'errors have names of their own',
    isAuthorize,
    redirect(
      (query) => query.set('error', 'bad_response_type'),
      (query) => query.get('error') === 'unsupported_response_type',
    ),
  ),
  breaks(
    'launch/denial',
    'a denial looks like a server error',
    isChoice,
    redirect(
      (query) => query.set('error', 'server_error'),
      (query) => query.get('error') === 'access_denied',
    ),
  ),
  breaks(
    'launch/denial',
    'who refuses is left alone on a page',
    (asked) => isChoice(asked) && asked.form.get('decision') !== 'allow',
    async () => html(200, '<!doctype html><title>You refused access</title>'),
  ),
  accepts(
    'launch/forged-launch',
    'launch handles are not looked up',
    (handle, _, memory) => !memory.launches.has(handle),
  ),
  accepts(
    'launch/replayed-launch',
    'launch handles are not used up',
    (handle, clientId, memory) => memory.usedLaunches.has(handle) && memory.launches.get(handle) === clientId,
  ),
  accepts('launch/launch-client-bound', 'launch handles fit every app', (handle, clientId, memory) => {
    const owner = memory.launches.get(handle);
    return owner !== undefined && owner !== clientId;
  }),
  breaks('launch/launch-creation', 'anybody may create launches', isLaunch, createsAnyway(401)),
  breaks('launch/launch-creation', 'any client may create launches', isLaunch, createsAnyway(403)),
  breaks('launch/launch-creation', 'nobody may create launches', isLaunch, async (asked) =>
    json(asked.authorization === undefined ? 401 : 403, { error: 'insufficient_scope' }),
  ),
];
