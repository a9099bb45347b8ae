import { createAuthorizeRequest } from '../../smart/app/authorize-request.ts';
import { baseUrl } from '../../smart/server-profile.ts';
import { type AuthorizeOutcome, altered, authorize } from './authorize.ts';
import { everything } from './authorized-app.ts';
import { patientUser, standaloneApp } from './cast.ts';
import { defineEvidence, type Probe, Unavailable } from './evidence.ts';
import { postAuthorize } from './post-authorize.ts';
import { requireWorkingLaunch } from './standalone.ts';

export interface AudienceFacts {
  readonly wrongByGet: AuthorizeOutcome;
  readonly absentByGet: AuthorizeOutcome;
  /** Null where even a correct posted request leads to no code, although the server lists authorize-post. */
  readonly wrongByPost: AuthorizeOutcome | null;
  readonly absentByPost: AuthorizeOutcome | null;
}

/** A FHIR server that this authorization server does not serve (RFC 2606 name). */
const FOREIGN_AUD = 'https://fhir.example.org/r4';

/** Authorization requests for somebody else's FHIR server, and for none. */
export const audience = defineEvidence<AudienceFacts>({
  id: 'audience',
  async gather(probe) {
    await requireWorkingLaunch(probe);
    const posting = (await postingFails(probe)) ? undefined : 'POST';
    const [wrongByGet, absentByGet, wrongByPost, absentByPost] = await Promise.all([
      attempt(probe, FOREIGN_AUD, 'GET'),
      attempt(probe, undefined, 'GET'),
      posting === undefined ? null : attempt(probe, FOREIGN_AUD, posting),
      posting === undefined ? null : attempt(probe, undefined, posting),
    ]);
    return { facts: { wrongByGet, wrongByPost, absentByGet, absentByPost }, live: undefined };
  },
});

/** A server that does not list authorize-post is still asked: it may take posted requests without checking them. */
async function postingFails(probe: Probe): Promise<boolean> {
  try {
    return (await probe.use(postAuthorize)).kind !== 'code';
  } catch (error) {
    if (error instanceof Unavailable && error.outcome === 'na') return false;
    throw error;
  }
}

async function attempt(
  probe: Probe,
  aud: string | undefined,
  method: 'GET' | 'POST',
): Promise<AuthorizeOutcome> {
  const client = standaloneApp(probe.profile);
  const { parameters } = createAuthorizeRequest({
    clientId: client.clientId,
    redirectUri: client.redirectUri,
    scope: await everything(probe, client),
    aud: baseUrl(probe.profile),
  });
  const { outcome } = await authorize(probe, {
    parameters: altered(parameters, { aud }),
    redirectUri: client.redirectUri,
    user: patientUser(probe.profile),
    method,
  });
  return outcome;
}
