import { refusal } from '../azure/failure.ts';
import { messageOf, SmartfhirError } from '../core/errors.ts';
import { loadResources } from '../data/load.ts';
import { fingerprintOf, markedSeed } from '../data/seed/marked-seed.ts';
import type { SeedResource } from '../data/seed/resource.ts';
import { SEED_GROUP } from '../data/seed/seed.ts';
import type { ResourceKind } from '../provision/context.ts';
import { defineResource, type Resource } from '../provision/engine/resource.ts';
import { RESOURCE } from '../provision/resource-ids.ts';
import type { Tools } from '../provision/tools.ts';

interface Want {
  readonly fhirUrl: string;
  readonly audience: string;
  readonly fingerprint: string;
}

/** The synthetic patients, as a resource of the plan: made when the configuration asks for them. */
export const seedData: ResourceKind = ({ config }): readonly Resource<Tools>[] =>
  config.data.seed === 'none' ? [] : [define()];

function define(): Resource<Tools> {
  const { resources, fingerprint } = markedSeed();
  return defineResource<Tools, Want, { fingerprint: string }>({
    id: 'data/seed',
    type: 'seed-data',
    label: `${resources.length} synthetic resources`,
    dependsOn: [RESOURCE.fhir, RESOURCE.fhirApp, RESOURCE.deployerFhirRole],
    containedIn: RESOURCE.fhir,
    desired: (outputs) => ({
      fhirUrl: outputs.get(RESOURCE.fhir, 'url'),
      audience: outputs.get(RESOURCE.fhirApp, 'appId'),
      fingerprint,
    }),
    locate: (want) => `${want.fhirUrl} ${want.audience}`,
    async read(tools, want) {
      const found = await readFingerprint(tools, want);
      return found === undefined ? undefined : { have: { fingerprint: found }, ownership: 'ours' };
    },
    diff: (want, have) =>
      have.fingerprint === want.fingerprint
        ? []
        : [{ field: 'data', from: have.fingerprint, to: want.fingerprint }],
    async apply(tools, want) {
      await tools.untilEffective('FHIR Data Contributor', () => load(tools, want, resources));
      return { fingerprint };
    },
    // The data go with the FHIR service; where that was adopted, removing patients is not for us to decide.
    destroy: async () => undefined,
    outputs: () => ({ group: SEED_GROUP }),
  });
}

/** A refusal is thrown as Azure's own, so that the wait for a role that is not in effect yet knows it. */
async function load(tools: Tools, want: Want, resources: readonly SeedResource[]): Promise<void> {
  try {
    await loadResources(resources, {
      fetch: tools.target.fetch,
      fhirUrl: want.fhirUrl,
      token: await tools.http.token(`${want.audience}/.default`),
      signal: tools.step.signal,
      onProgress: (done, total) => tools.step.waiting(`${done} of ${total} resources`),
    });
  } catch (error) {
    if (error instanceof SmartfhirError && error.code === 'FORBIDDEN') {
      throw refusal('loading data', 403, error.message);
    }
    throw error;
  }
}

/** Undefined when the Group is not there, or cannot be read because the role does not act yet. */
async function readFingerprint({ http }: Tools, want: Want): Promise<string | undefined> {
  const url = `${want.fhirUrl}/Group/${SEED_GROUP}`;
  try {
    const answer = await http.send({
      method: 'GET',
      url,
      scope: `${want.audience}/.default`,
      accept: [401, 403, 404, 410],
    });
    if (answer.status !== 200) return undefined;
    return fingerprintOf(JSON.parse(answer.text)) ?? '';
  } catch (error) {
    throw new SmartfhirError('RESPONSE_INVALID', `${url}: ${messageOf(error)}`, { cause: error });
  }
}
