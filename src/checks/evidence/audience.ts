import { createAuthorizeRequest } from '../../smart/app/authorize-request.ts';
import { baseUrl } from '../../smart/server-profile.ts';
import { type AuthorizeOutcome, altered, authorize } from './authorize.ts';
import { everything } from './authorized-app.ts';
import { patientUser, standaloneApp } from './cast.ts';
import { defineEvidence, type Probe } from './evidence.ts';
import { requireWorkingLaunch } from './standalone.ts';

export interface AudienceFacts {
  readonly wrongByGet: AuthorizeOutcome;
  readonly wrongByPost: AuthorizeOutcome;
  readonly absentByGet: AuthorizeOutcome;
  readonly absentByPost: AuthorizeOutcome;
}

/** A FHIR server that this authorization server does not serve (RFC 2606 name). */
const FOREIGN_AUD = 'https://fhir.example.org/r4';

/** Authorization requests for somebody else's FHIR server, and for none. */
export const audience = defineEvidence<AudienceFacts>({
  id: 'audience',
  async gather(probe) {
    await requireWorkingLaunch(probe);
    const [wrongByGet, wrongByPost, absentByGet, absentByPost] = await Promise.all([
      attempt(probe, FOREIGN_AUD, 'GET'),
      attempt(probe, FOREIGN_AUD, 'POST'),
      attempt(probe, undefined, 'GET'),
      attempt(probe, undefined, 'POST'),
    ]);
    return { facts: { wrongByGet, wrongByPost, absentByGet, absentByPost }, live: undefined };
  },
});

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
