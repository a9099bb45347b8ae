import { smartConfigurationUrl } from '../../smart/discovery.ts';
import type { HttpRequest } from '../../smart/recorder.ts';
import { baseUrl } from '../../smart/server-profile.ts';
import { publicApp } from './cast.ts';
import { configuration, NO_AUTHORIZE } from './configuration.ts';
import { defineEvidence, type Probe, required } from './evidence.ts';

/** What a browser would learn from one answer. */
export interface CorsFacts {
  readonly at: string;
  readonly status: number;
  readonly allowOrigin: string | null;
  readonly allowCredentials: string | null;
  /** Lower case, without spaces. */
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
}

/** An origin nobody registered (RFC 2606 name). */
export const STRANGER = 'https://app.example.org';

async function cors(probe: Probe, request: HttpRequest): Promise<CorsFacts> {
  const answer = await probe.wire.send(request);
  const list = (name: string): string[] =>
    (answer.headers.get(name) ?? '')
      .split(',')
      .map((item) => item.trim().toLowerCase())
      .filter((item) => item !== '');
  return {
    at: answer.at,
    status: answer.status,
    allowOrigin: answer.headers.get('access-control-allow-origin'),
    allowCredentials: answer.headers.get('access-control-allow-credentials'),
    allowMethods: list('access-control-allow-methods'),
    allowHeaders: list('access-control-allow-headers'),
    exposeHeaders: list('access-control-expose-headers'),
  };
}

function preflight(url: string, origin: string, method: string, headers: string): HttpRequest {
  const ask = { origin, 'access-control-request-method': method, 'access-control-request-headers': headers };
  return { method: 'OPTIONS', url, headers: ask };
}

export interface PublicCorsFacts {
  readonly origin: string;
  readonly wellKnown: CorsFacts;
  readonly metadata: CorsFacts;
}

/** The public documents read by a page of any origin. */
export const publicCors = defineEvidence<PublicCorsFacts>({
  id: 'publicCors',
  async gather(probe) {
    const base = baseUrl(probe.profile);
    const headers = { origin: STRANGER, accept: 'application/json' };
    const facts: PublicCorsFacts = {
      origin: STRANGER,
      wellKnown: await cors(probe, { url: smartConfigurationUrl(base), headers }),
      metadata: await cors(probe, {
        url: `${base}/metadata`,
        headers: { ...headers, accept: 'application/fhir+json' },
      }),
    };
    return { facts, live: undefined };
  },
});

export interface AppCorsFacts {
  /** The origin of the browser app's redirect URI. */
  readonly origin: string;
  readonly tokenPreflight: CorsFacts;
  readonly fhirPreflight: CorsFacts;
  /** An unauthorised read: the browser app must be able to see why it failed. */
  readonly fhirAnswer: CorsFacts;
}

/** The token and FHIR endpoints as a page of the registered browser app meets them. */
export const appCors = defineEvidence<AppCorsFacts>({
  id: 'appCors',
  async gather(probe) {
    const { origin } = new URL(publicApp(probe.profile).redirectUri);
    const { endpoints } = await probe.use(configuration);
    const read = `${baseUrl(probe.profile)}/Patient/${probe.profile.patients[0] ?? 'smartfhir-probe'}`;
    const facts: AppCorsFacts = {
      origin,
      tokenPreflight: await cors(probe, preflight(endpoints.token, origin, 'POST', 'content-type')),
      fhirPreflight: await cors(probe, preflight(read, origin, 'GET', 'authorization')),
      fhirAnswer: await cors(probe, { url: read, headers: { origin, accept: 'application/fhir+json' } }),
    };
    return { facts, live: undefined };
  },
});

export interface StrangerCorsFacts {
  readonly origin: string;
  readonly fhir: CorsFacts;
}

export interface AuthorizeCorsFacts {
  /** Asked for by a stranger and by the app that is registered here, if one is. */
  readonly answers: readonly (CorsFacts & { readonly origin: string })[];
}

/** The FHIR API as a page of an unregistered origin meets it. */
export const strangerCors = defineEvidence<StrangerCorsFacts>({
  id: 'strangerCors',
  async gather(probe) {
    const read = `${baseUrl(probe.profile)}/Patient/${probe.profile.patients[0] ?? 'smartfhir-probe'}`;
    const facts: StrangerCorsFacts = {
      origin: STRANGER,
      fhir: await cors(probe, preflight(read, STRANGER, 'GET', 'authorization')),
    };
    return { facts, live: undefined };
  },
});

/** The authorize endpoint asked for by scripts: those of a stranger, and those of a registered app. */
export const authorizeCors = defineEvidence<AuthorizeCorsFacts>({
  id: 'authorizeCors',
  async gather(probe) {
    const { endpoints } = await probe.use(configuration);
    const url = required(endpoints.authorize, NO_AUTHORIZE);
    const apps = Object.values(probe.profile.clients).flatMap(({ redirectUri }) => redirectUri ?? []);
    const app = apps.map((uri) => new URL(uri)).find(({ protocol }) => /^https?:$/.test(protocol));
    const origins = [STRANGER, ...(app === undefined ? [] : [app.origin])];
    const answers = await Promise.all(
      origins.map(async (origin) => ({ origin, ...(await cors(probe, { url, headers: { origin } })) })),
    );
    return { facts: { answers }, live: undefined };
  },
});
