import { jsonObject } from '../azure/authorized-http.ts';
import { isFailure } from '../azure/failure.ts';
import type { Session } from './session.ts';

/** Enough to choose from; a list of everybody is not what outputs are for. */
const MOST = 50;

export interface NamedRecord {
  readonly id: string;
  readonly name: string;
}

interface People {
  readonly groups: readonly NamedRecord[];
  readonly patients: readonly NamedRecord[];
}

/** The made-up patients and groups of a stack. Names of real people are never read. */
export async function readPeople(
  session: Session,
  azure: { readonly fhirServiceUrl: string; readonly fhirAudience: string },
): Promise<People> {
  const { data } = session.context.config;
  if (data.classification !== 'synthetic' || data.seed === 'none') return { groups: [], patients: [] };
  const groups = await search(session, azure, 'Group');
  const patients = await search(session, azure, 'Patient');
  return {
    groups: groups.map((group) => ({ id: String(group['id']), name: String(group['name'] ?? group['id']) })),
    patients: patients.map((patient) => ({ id: String(patient['id']), name: humanName(patient) })),
  };
}

async function search(
  { reader }: Session,
  azure: { readonly fhirServiceUrl: string; readonly fhirAudience: string },
  type: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  try {
    const answer = await reader.http.send({
      method: 'GET',
      url: `${azure.fhirServiceUrl}/${type}?_count=${MOST}`,
      scope: `${azure.fhirAudience}/.default`,
      headers: { accept: 'application/fhir+json' },
    });
    const { entry } = jsonObject(answer, `the search for ${type}`);
    if (!Array.isArray(entry)) return [];
    // A server may list what was written last first; scripts want the same order after every load.
    return entry
      .map((item: { resource: Record<string, unknown> }) => item.resource)
      .sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1));
  } catch (error) {
    // Outputs are of use without them, as long as a role has not taken effect.
    if (isFailure(error, 403) || isFailure(error, 401)) return [];
    throw error;
  }
}

function humanName(patient: Readonly<Record<string, unknown>>): string {
  const [name] = Array.isArray(patient['name']) ? patient['name'] : [];
  if (typeof name !== 'object' || name === null) return String(patient['id']);
  const { given, family } = name as { given?: string[]; family?: string };
  return [...(given ?? []), family ?? ''].join(' ').trim();
}
