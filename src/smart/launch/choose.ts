import { SmartfhirError } from '../../core/errors.ts';
import type { LaunchKind, ProfileClient, ProfileUser, ServerProfile } from '../server-profile.ts';

/** The client a launch plays: the named one, else the first that fits. */
export function chooseClient(
  profile: ServerProfile,
  launch: LaunchKind,
  name: string | undefined,
): ProfileClient & { readonly name: string } {
  const entries = Object.entries(profile.clients);
  const fitting = entries.filter(([, client]) => client.launch === launch);
  const found =
    name === undefined
      ? fitting[0]
      : entries.find(([key, client]) => key === name || client.clientId === name);
  if (found !== undefined) return { ...found[1], name: found[0] };
  throw new SmartfhirError(
    'MISSING_INPUT',
    name === undefined ? `no client with launch: ${launch}` : `no client "${name}"`,
    {
      why:
        entries.length === 0
          ? 'the environment knows no clients'
          : `known: ${entries.map(([key]) => key).join(', ')}`,
      fix: 'add it under environments.NAME.server.clients in smartfhir.yaml, or name one with --client',
      command: `smartfhir launch ${launch} --client NAME`,
    },
  );
}

/** The user who signs in: the named one, else the one the launch is about. */
export function chooseUser(
  profile: ServerProfile,
  launch: LaunchKind,
  name: string | undefined,
): ProfileUser | undefined {
  const entries = Object.entries(profile.users);
  if (name !== undefined) {
    const found = entries.find(([key, user]) => key === name || user.username === name);
    if (found !== undefined) return found[1];
    throw new SmartfhirError('MISSING_INPUT', `no user "${name}"`, {
      why:
        entries.length === 0
          ? 'the environment knows no users'
          : `known: ${entries.map(([key]) => key).join(', ')}`,
      fix: 'name one of them with --user',
      command: `smartfhir launch ${launch} --user NAME`,
    });
  }
  const type = launch === 'ehr' ? 'Practitioner' : 'Patient';
  return (entries.find(([, user]) => user.fhirUser?.split('/').at(-2) === type) ?? entries[0])?.[1];
}
