import { MINUTE } from '../../core/clock.ts';
import { SmartfhirError } from '../../core/errors.ts';
import { clientCredentials } from '../app/token.ts';
import { deleteExport, getBulk, kickOff, manifestOf, pollStatus, statusUrlOf } from '../bulk/export.ts';
import { discover } from '../discovery.ts';
import { baseUrl, type ProfileClient } from '../server-profile.ts';
import type { LaunchDocument } from './app-launch.ts';
import { type AppRead, readOne } from './reads.ts';
import { Sequence, type SequenceOptions } from './sequence.ts';

export interface BackendLaunchOptions extends SequenceOptions {
  readonly client: ProfileClient & { readonly name: string };
  readonly scope: string | undefined;
}

const EXPORT_BUDGET_MS = 5 * MINUTE;
const FILE_LIMIT_BYTES = 64 * 1024 * 1024;

/** Backend Services: a token for a signed assertion, one search, and the group export where a group is known. */
export async function runBackendLaunch(options: BackendLaunchOptions): Promise<LaunchDocument> {
  const sequence = new Sequence(options);
  const { client, profile, clock } = options;
  const scope = options.scope ?? client.scopes.join(' ');
  const endpoints = await sequence.step('launch/discovery', 'backend → discovery', async (wire) => ({
    value: (await discover(wire, baseUrl(profile))).endpoints,
  }));
  const tokens = await sequence.step('launch/token', 'backend → token', async (wire) => {
    const tokenUrl = endpoints?.token ?? '';
    const value = await clientCredentials({ wire, tokenUrl, client, now: () => clock.now() }, scope);
    return { value, message: `private_key_jwt, ${value.expiresIn ?? '?'} s` };
  });
  const reads: AppRead[] = [];
  await sequence.step('launch/read', 'backend → fhir', async (wire) => {
    const read = await readOne(wire, profile, tokens?.accessToken ?? '', 'Patient?_count=5');
    reads.push(read);
    const refused = read.status !== 200;
    return {
      value: undefined,
      warn: refused,
      message: refused ? `Patient search was answered ${read.status}` : `${read.rows} patients`,
    };
  });
  if (profile.group !== undefined)
    reads.push(...(await exportGroup(sequence, options, tokens?.accessToken ?? '')));
  return sequence.document({
    asked: { kind: 'backend', client: client.name, clientId: client.clientId, scope },
    granted: tokens === undefined ? {} : { scope: tokens.scope, expiresIn: tokens.expiresIn ?? null },
    context: {},
    reads: reads.map((read) => ({ ...read })),
  });
}

async function exportGroup(
  sequence: Sequence,
  options: BackendLaunchOptions,
  accessToken: string,
): Promise<AppRead[]> {
  const { profile, clock, signal } = options;
  const files: AppRead[] = [];
  const url = `${baseUrl(profile)}/Group/${profile.group}/$export`;
  const statusUrl = await sequence.step('launch/export', 'backend → $export', async (wire) => ({
    value: statusUrlOf(await kickOff({ wire, accessToken }, url)),
    message: 'accepted',
  }));
  await sequence.step('launch/files', 'backend → files', async (wire) => {
    const client = { wire, clock, accessToken, signal };
    const manifest = manifestOf(await pollStatus(client, statusUrl ?? url, { budgetMs: EXPORT_BUDGET_MS }));
    if (manifest === undefined)
      throw new SmartfhirError('RESPONSE_INVALID', 'the export ended without a manifest');
    for (const file of manifest.output) {
      const reader = { wire, accessToken: manifest.requiresAccessToken ? accessToken : undefined };
      const answer = await getBulk(reader, file.url, 'application/fhir+ndjson', FILE_LIMIT_BYTES);
      const rows =
        answer.status === 200 ? answer.text.split('\n').filter((line) => line !== '').length : null;
      files.push({ path: file.type, status: answer.status, rows });
    }
    if (statusUrl !== undefined) await deleteExport(client, statusUrl);
    const lines = files.reduce((sum, file) => sum + (file.rows ?? 0), 0);
    return { value: undefined, message: `${files.length} files, ${lines} resources` };
  });
  return files;
}
