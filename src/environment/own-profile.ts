import type { JWK } from 'jose';
import {
  clientSecret,
  privateJwks,
  readOutputs,
  type StackOutputs,
  userPassword,
} from '../provision/outputs.ts';
import { openSession, type ProvisionInput, type Session } from '../provision/session.ts';
import { LAUNCH_ROLE } from '../smart/scope-table.ts';
import type { ProfileClient, ProfileUser, ServerProfile } from '../smart/server-profile.ts';

/** A stack that smartfhir provisioned, described as any other server is. */
export interface OwnStack {
  readonly profile: ServerProfile;
  readonly outputs: StackOutputs;
}

/** @throws SmartfhirError `NOT_PROVISIONED` when nothing was applied */
export async function describeOwnStack(input: ProvisionInput): Promise<OwnStack> {
  const session = await openSession(input);
  const outputs = await readOutputs(session);
  const clients = await clientsOf(session, outputs);
  const [patient, other] = patientsOf(outputs);
  const profile: ServerProfile = {
    fhirUrl: outputs.fhirUrl,
    clients,
    users: await usersOf(session, outputs),
    patients: ownFirst(outputs, patient),
    ...(other === undefined ? {} : { otherPatient: other }),
    ...(outputs.groups[0] === undefined ? {} : { group: outputs.groups[0].id }),
    ...(patient === undefined ? {} : { encounter: patient.replace(/^patient-/, 'encounter-') }),
    ...(await ehrOf(session, outputs)),
  };
  return { profile, outputs };
}

/** The patient who signs in first, and one whom that patient must not see. */
function patientsOf(outputs: StackOutputs): readonly (string | undefined)[] {
  const own = outputs.users
    .map(({ fhirUser }) => /Patient\/([^/]+)$/.exec(fhirUser)?.[1])
    .find((id) => id !== undefined);
  return [own, outputs.patients.find(({ id }) => id !== own)?.id];
}

/** A launch without a patient of its own takes the first: the encounter is that one's. */
function ownFirst({ patients }: StackOutputs, own: string | undefined): readonly string[] {
  const ids = patients.map(({ id }) => id);
  return own === undefined || !ids.includes(own) ? ids : [own, ...ids.filter((id) => id !== own)];
}

async function clientsOf(session: Session, outputs: StackOutputs): Promise<Record<string, ProfileClient>> {
  const clients: Record<string, ProfileClient> = {};
  for (const client of outputs.clients) {
    const secret = client.auth === 'secret' ? await clientSecret(session, outputs, client.name) : undefined;
    const keys =
      client.auth === 'private_key_jwt' ? await privateJwks(session, outputs, client.name) : undefined;
    const [redirectUri, launchUrl] = [client.redirectUris[0], client.launchUris[0]];
    clients[client.name] = {
      kind: client.auth,
      launch: client.launch,
      clientId: client.clientId,
      scopes: client.scopes,
      ...(redirectUri === undefined ? {} : { redirectUri }),
      ...(launchUrl === undefined ? {} : { launchUrl }),
      ...(secret === undefined ? {} : { secret }),
      ...(keys === undefined ? {} : { jwks: JSON.parse(keys) as { keys: JWK[] } }),
    };
  }
  return clients;
}

async function usersOf(session: Session, outputs: StackOutputs): Promise<Record<string, ProfileUser>> {
  const users: Record<string, ProfileUser> = {};
  for (const { name, username, fhirUser } of outputs.users) {
    const password = await userPassword(session, outputs, name);
    if (password !== undefined) users[name] = { username, password, fhirUser };
  }
  return users;
}

/** The EHR signs in to Entra itself: its token carries the role that may create launch ids. */
async function ehrOf(session: Session, outputs: StackOutputs): Promise<Pick<ServerProfile, 'ehr'>> {
  const configured = session.context.config.clients.find((client) =>
    client.permissions.includes(LAUNCH_ROLE),
  );
  const ehr = outputs.clients.find((client) => client.name === configured?.name);
  const secret = ehr === undefined ? undefined : await clientSecret(session, outputs, ehr.name);
  if (ehr === undefined || secret === undefined) return {};
  return {
    ehr: {
      launchUrl: outputs.launchUrl,
      tokenUrl: `${outputs.issuer.replace(/\/v2\.0$/, '')}/oauth2/v2.0/token`,
      clientId: ehr.clientId,
      secret,
      scope: `${outputs.azure.scopePrefix}/.default`,
    },
  };
}
