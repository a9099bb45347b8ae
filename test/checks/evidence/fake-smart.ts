import type { Evidence } from '../../../src/checks/evidence/evidence.ts';
import { Gatherer, type KeptEvidence } from '../../../src/checks/gatherer.ts';
import { type Clock, manualClock } from '../../../src/core/clock.ts';
import { Redactor } from '../../../src/core/redact.ts';
import { Recorder } from '../../../src/smart/recorder.ts';
import type { ProfileClient, ServerProfile } from '../../../src/smart/server-profile.ts';

export const BASE = 'https://ehr.example.com/r4';
export const AUTH = 'https://login.example.com';
export const REDIRECT = 'https://app.example.com/cb';
export const NOW = Date.parse('2026-11-24T12:00:00Z');

export const client = (more: Partial<ProfileClient> = {}): ProfileClient => ({
  ...{ kind: 'secret', launch: 'standalone', clientId: 'web', secret: 'web-secret', redirectUri: REDIRECT },
  scopes: ['launch/patient', 'openid', 'patient/Patient.rs', 'patient/Observation.rs'],
  ...more,
});

export const profile = (more: Partial<ServerProfile> = {}): ServerProfile => ({
  fhirUrl: BASE,
  clients: { web: client() },
  users: { ana: { username: 'ana', password: 'correct horse', fhirUser: 'Patient/p1' } },
  patients: ['p1', 'p2'],
  ...more,
});

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** The body as a form. */
  readonly form: URLSearchParams;
  readonly body: string;
}

type Handler = (asked: Asked) => Response | Promise<Response> | undefined;

/** Answers by `METHOD url-without-query`; a handler that answers nothing leaves it to the fake's own. */
export type Routes = Readonly<Record<string, Handler>>;

const CONFIGURATION = {
  issuer: AUTH,
  authorization_endpoint: `${AUTH}/authorize`,
  token_endpoint: `${AUTH}/token`,
  introspection_endpoint: `${AUTH}/introspect`,
  revocation_endpoint: `${AUTH}/revoke`,
  capabilities: ['launch-standalone', 'sso-openid-connect'],
};

/** A server that grants everything at once, without pages: what a check must find out is for the routes to break. */
const SOUND: Routes = {
  [`GET ${BASE}/.well-known/smart-configuration`]: () => Response.json(CONFIGURATION),
  [`GET ${AUTH}/authorize`]: ({ url }) => back(url, { code: `code-of-${url.searchParams.get('scope')}` }),
  [`POST ${AUTH}/token`]: () =>
    Response.json({
      ...{
        access_token: 'access-token-1',
        token_type: 'Bearer',
        expires_in: 300,
        refresh_token: 'refresh-1',
      },
      ...{ scope: 'openid patient/Patient.rs', patient: 'p1' },
    }),
  [`POST ${AUTH}/introspect`]: () => Response.json({ active: false }),
  [`POST ${AUTH}/revoke`]: () => new Response(null, { status: 200 }),
};

/** The redirect to the client that an authorization request asks for. */
export function back(url: URL, parameters: Readonly<Record<string, string>>): Response {
  const target = new URL(url.searchParams.get('redirect_uri') ?? REDIRECT);
  const state = url.searchParams.get('state');
  for (const [name, value] of Object.entries({ ...(state === null ? {} : { state }), ...parameters }))
    target.searchParams.set(name, value);
  return new Response(null, { status: 302, headers: { location: target.href } });
}

export interface World {
  readonly asked: Asked[];
  keep(evidence: Evidence<never, never> | Evidence<unknown, unknown>): Promise<KeptEvidence>;
  /** The facts of an evidence, which must have been gathered. */
  facts<F>(evidence: Evidence<F, never> | Evidence<F, unknown>): Promise<F>;
  /** Why an evidence could not be gathered. */
  reason(evidence: unknown): Promise<string>;
}

export function world(
  routes: Routes = {},
  more: Partial<ServerProfile> = {},
  clock: Clock = manualClock(NOW),
): World {
  const asked: Asked[] = [];
  const redactor = new Redactor();
  const fetch = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const body = await request.text();
    const one = {
      method: request.method,
      url,
      headers: request.headers,
      body,
      form: new URLSearchParams(body),
    };
    asked.push(one);
    const key = `${one.method} ${url.origin}${url.pathname}`;
    return (await routes[key]?.(one)) ?? (await SOUND[key]?.(one)) ?? new Response('{}', { status: 404 });
  };
  const recorder = new Recorder({ fetch, redactor, clock, concurrency: 4 });
  const { signal } = new AbortController();
  const gatherer = new Gatherer({ profile: profile(more), recorder, redactor, clock, signal });
  const keep: World['keep'] = (evidence) => gatherer.keep(evidence as Evidence<unknown, unknown>);
  return {
    asked,
    keep,
    facts: async <F>(evidence: Evidence<F, never> | Evidence<F, unknown>): Promise<F> => {
      const kept = await keep(evidence as Evidence<unknown, unknown>);
      if (kept.state === 'gathered') return kept.facts as F;
      throw new Error(`${kept.outcome}: ${kept.reason}`);
    },
    reason: async (evidence) => {
      const kept = await keep(evidence as Evidence<unknown, unknown>);
      return kept.state === 'gathered'
        ? `gathered ${JSON.stringify(kept.facts)}`
        : `${kept.outcome}: ${kept.reason}`;
    },
  };
}

/** The same answer whatever was asked. */
export const json =
  (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Handler =>
  () =>
    Response.json(body, { status, headers });
