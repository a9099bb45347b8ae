import { randomToken } from '../../core/ids.ts';
import { createAuthorizeRequest } from '../../smart/app/authorize-request.ts';
import { baseUrl } from '../../smart/server-profile.ts';
import { type AuthorizeOutcome, altered, authorize } from './authorize.ts';
import { everything } from './authorized-app.ts';
import { patientUser, standaloneApp } from './cast.ts';
import { defineEvidence } from './evidence.ts';
import { requireWorkingLaunch } from './standalone.ts';

export interface RedirectUriFacts {
  readonly variants: readonly { readonly what: string; readonly outcome: AuthorizeOutcome }[];
  readonly unknownClient: AuthorizeOutcome;
  /** A bad redirect URI together with a bad response_type: the error must stay with the server. */
  readonly errorToBadUri: AuthorizeOutcome;
}

/** Redirect URIs that resemble the registered one; none may ever be redirected to. */
function variantsOf(redirectUri: string): readonly (readonly [what: string, uri: string])[] {
  const { origin, pathname, search } = new URL(redirectUri);
  const otherHost = new URL(redirectUri);
  otherHost.hostname = 'app.example.org';
  const join = search === '' ? '?' : '&';
  return [
    ['an extra path segment', `${origin}${pathname.replace(/\/$/, '')}/x${search}`],
    ['an extra query', `${redirectUri}${join}x=1`],
    ['another host', otherHost.href],
    ['another letter case', `${origin}${swapCase(pathname)}${search}`],
  ];
}

function swapCase(path: string): string {
  const upper = path.toUpperCase();
  return upper === path ? `${path}X` : upper;
}

export const redirectUris = defineEvidence<RedirectUriFacts>({
  id: 'redirectUris',
  async gather(probe) {
    await requireWorkingLaunch(probe);
    const client = standaloneApp(probe.profile);
    const user = patientUser(probe.profile);
    const { parameters } = createAuthorizeRequest({
      clientId: client.clientId,
      redirectUri: client.redirectUri,
      scope: await everything(probe, client),
      aud: baseUrl(probe.profile),
    });
    const attempt = async (
      redirectUri: string,
      changes: Record<string, string>,
    ): Promise<AuthorizeOutcome> => {
      const all = altered(parameters, { redirect_uri: redirectUri, ...changes });
      return (await authorize(probe, { parameters: all, redirectUri, user })).outcome;
    };
    const variants = await Promise.all(
      variantsOf(client.redirectUri).map(async ([what, uri]) => ({ what, outcome: await attempt(uri, {}) })),
    );
    const unknownClient = await attempt(client.redirectUri, { client_id: `unknown-${randomToken(6)}` });
    const errorToBadUri = await attempt('https://app.example.org/callback', {
      response_type: 'smartfhir-probe',
    });
    return { facts: { variants, unknownClient, errorToBadUri }, live: undefined };
  },
});
