import type { ProfileClient, ProfileUser, ServerProfile } from '../../smart/server-profile.ts';
import { required } from './evidence.ts';

/** A client under the name it has in the profile. */
export type NamedClient = ProfileClient & { readonly name: string };
/** A client that can be the app of a launch. */
export type AppClient = NamedClient & { readonly redirectUri: string };

/** Who plays which part in the probes. Each part is the first fitting entry of the profile, in its order. */
function clients(profile: ServerProfile): readonly NamedClient[] {
  return Object.entries(profile.clients).map(([name, client]) => ({ ...client, name }));
}

function app(client: NamedClient | undefined, reason: string): AppClient {
  const found = required(client, reason);
  return { ...found, redirectUri: required(found.redirectUri, `client ${found.name} has no redirectUri`) };
}

function has(client: NamedClient, prefix: string): boolean {
  return client.scopes.some((scope) => scope.startsWith(prefix));
}

/** The app of the standalone launches: a confidential one where there is one. */
export function standaloneApp(profile: ServerProfile): AppClient {
  const fitting = clients(profile).filter((client) => client.launch === 'standalone');
  return app(
    fitting.find((client) => client.kind !== 'public') ?? fitting[0],
    'needs a client with launch: standalone',
  );
}

/**
 * An app whose session begins with a kept refresh token, since nobody can be signed in by script. It never sends an
 * authorization request, so it needs no redirect URI.
 */
export function refreshingApp(profile: ServerProfile): AppClient | undefined {
  if (Object.keys(profile.users).length > 0) return undefined;
  const found = clients(profile).find((client) => client.refreshToken !== undefined);
  return found === undefined
    ? undefined
    : { ...found, redirectUri: found.redirectUri ?? 'urn:smartfhir:none' };
}

export function secretApp(profile: ServerProfile): AppClient {
  const found = clients(profile).find((client) => client.launch === 'standalone' && client.kind === 'secret');
  return app(found, 'needs a client with launch: standalone and kind: secret');
}

export function publicApp(profile: ServerProfile): AppClient {
  const found = clients(profile).find((client) => client.launch === 'standalone' && client.kind === 'public');
  return app(found, 'needs a client with launch: standalone and kind: public');
}

/** The app an EHR opens for a clinician: `user/` scopes. */
export function ehrApp(profile: ServerProfile): AppClient {
  const fitting = clients(profile).filter((client) => client.launch === 'ehr');
  return app(fitting.find((client) => has(client, 'user/')) ?? fitting[0], 'needs a client with launch: ehr');
}

/** The app an EHR opens with `patient/` scopes for the patient in context. */
export function ehrPatientApp(profile: ServerProfile): AppClient {
  const found = clients(profile).find((client) => client.launch === 'ehr' && has(client, 'patient/'));
  return app(found, 'needs a client with launch: ehr and patient/ scopes');
}

export function backendClient(profile: ServerProfile): NamedClient {
  return required(
    clients(profile).find((client) => client.launch === 'backend'),
    'needs a client with launch: backend and its private JWKS',
  );
}

/** A second backend client, which must not see the first one's jobs. */
export function otherBackendClient(profile: ServerProfile): NamedClient {
  return required(
    clients(profile).filter((client) => client.launch === 'backend')[1],
    'needs a second client with launch: backend',
  );
}

/** A resource server that may introspect. */
export function introspector(profile: ServerProfile): NamedClient {
  return required(
    clients(profile).find(
      (client) =>
        client.launch === 'none' && client.kind === 'secret' && client.clientId !== profile.ehr?.clientId,
    ),
    'needs a client with launch: none and a secret that may introspect',
  );
}

function userOf(profile: ServerProfile, type: string): ProfileUser | undefined {
  const entries = Object.entries(profile.users);
  return entries.find(([, user]) => fhirUserType(user) === type)?.[1];
}

export function patientUser(profile: ServerProfile): ProfileUser {
  const unmapped = Object.values(profile.users).find((user) => user.fhirUser === undefined);
  return required(userOf(profile, 'Patient') ?? unmapped, 'needs a user whose fhirUser is a Patient');
}

export function practitionerUser(profile: ServerProfile): ProfileUser {
  return required(userOf(profile, 'Practitioner'), 'needs a user whose fhirUser is a Practitioner');
}

/** A patient the signed-in patient must not see. */
export function otherPatient(profile: ServerProfile): string {
  return required(profile.otherPatient, 'needs otherPatient: the id of a patient the user must not see');
}

export function contextPatient(profile: ServerProfile): string {
  return required(profile.patients[0], 'needs the id of a patient');
}

function fhirUserType(user: ProfileUser): string | undefined {
  return user.fhirUser?.split('/').at(-2);
}
