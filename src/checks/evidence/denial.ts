import { createAuthorizeRequest } from '../../smart/app/authorize-request.ts';
import { baseUrl } from '../../smart/server-profile.ts';
import { type AuthorizeOutcome, altered, authorize } from './authorize.ts';
import { everything } from './authorized-app.ts';
import { patientUser, standaloneApp } from './cast.ts';
import { defineEvidence } from './evidence.ts';
import { requireWorkingLaunch } from './standalone.ts';

export interface DenialFacts {
  readonly outcome: AuthorizeOutcome;
  readonly stateSent: string;
}

/** The user presses the button that refuses. */
export const denial = defineEvidence<DenialFacts>({
  id: 'denial',
  async gather(probe) {
    await requireWorkingLaunch(probe);
    const client = standaloneApp(probe.profile);
    const { parameters, state } = createAuthorizeRequest({
      clientId: client.clientId,
      redirectUri: client.redirectUri,
      scope: await everything(probe, client),
      aud: baseUrl(probe.profile),
    });
    const { outcome } = await authorize(probe, {
      parameters: altered(parameters, {}),
      redirectUri: client.redirectUri,
      user: patientUser(probe.profile),
      deny: true,
    });
    return { facts: { outcome, stateSent: state }, live: undefined };
  },
});
