import type { AuthorizeOutcome } from './authorize.ts';
import { authorizeApp, everything } from './authorized-app.ts';
import { patientUser, standaloneApp } from './cast.ts';
import { configurationBody } from './configuration.ts';
import { defineEvidence, Unavailable } from './evidence.ts';
import { requireWorkingLaunch } from './standalone.ts';

export interface PostAuthorizeFacts {
  readonly outcome: AuthorizeOutcome;
}

/** A correct authorization request sent as a form (capability authorize-post). */
export const postAuthorize = defineEvidence<PostAuthorizeFacts, AuthorizeOutcome>({
  id: 'postAuthorize',
  async gather(probe) {
    await requireWorkingLaunch(probe);
    const body = await probe.use(configurationBody);
    const capabilities = body['capabilities'];
    if (!Array.isArray(capabilities) || !capabilities.includes('authorize-post')) {
      throw new Unavailable('na', 'the server does not list authorize-post');
    }
    const client = standaloneApp(probe.profile);
    const user = patientUser(probe.profile);
    const { outcome } = await authorizeApp(probe, {
      client,
      user,
      scope: await everything(probe, client),
      method: 'POST',
    });
    return { facts: { outcome }, live: outcome };
  },
});
