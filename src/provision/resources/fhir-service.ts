import type { ArmBody } from '../../azure/arm.ts';
import { MINUTE } from '../../core/clock.ts';
import { SmartfhirError } from '../../core/errors.ts';
import { contentDiff, textAt } from '../arm-resource.ts';
import type { ResourceKind } from '../context.ts';
import { changed, defineResource } from '../engine/resource.ts';
import { mergeTags, type Owner, withoutOurTags } from '../owner.ts';
import { RESOURCE } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

const BUDGET_MS = 30 * MINUTE;
/** What an adopted service had before, so that destroy can give it back. */
const BEFORE = {
  audience: 'smartfhir-before-audience',
  authority: 'smartfhir-before-authority',
  storage: 'smartfhir-before-export',
} as const;

interface Want {
  readonly armId: string;
  readonly location: string;
  readonly authority: string;
  readonly audience: string;
  readonly storage: string;
}

interface Configured {
  readonly authenticationConfiguration?: { readonly authority?: string; readonly audience?: string };
  readonly exportConfiguration?: { readonly storageAccountName?: string };
}

/**
 * The FHIR service. A PUT replaces its whole configuration, so what is there is read, our settings are laid over it,
 * and it is written back under its etag: settings of others survive, concurrent changes are not lost.
 */
export const fhirService: ResourceKind = ({ account, config, endpoints, names, owner }) => {
  const { adopted, resourceGroup, service, subscriptionId, workspace } = names.fhir;
  const armId = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.HealthcareApis/workspaces/${workspace}/fhirservices/${service}`;
  return [
    defineResource<Tools, Want, ArmBody>({
      id: RESOURCE.fhir,
      type: 'fhir-service',
      label: `fhir-service ${workspace}/${service}`,
      dependsOn: [...(adopted ? [] : [RESOURCE.workspace]), RESOURCE.storage, RESOURCE.fhirApp],
      ...(adopted ? {} : { containedIn: RESOURCE.group }),
      desired: (outputs) => ({
        armId,
        location: config.azure.location,
        authority: account.authority,
        audience: outputs.get(RESOURCE.fhirApp, 'appId'),
        storage: outputs.get(RESOURCE.storage, 'name'),
      }),
      locate: (want) => want.armId,
      async read({ arm }, want) {
        const have = await arm.get(want.armId);
        if (have === undefined && adopted) throw notThere(want.armId);
        if (have === undefined) return undefined;
        const ours = owner.owns(have.tags) ? 'ours' : owner.adopted(have.tags) ? 'adopted' : undefined;
        return { have, ownership: ours ?? (adopted ? 'adoptable' : 'foreign') };
      },
      diff: (want, have) => [
        ...contentDiff({ properties: ourProperties(want) }, have, []),
        ...(hasOwnIdentity(have) ? [] : changed('identity.type', have.identity?.type, 'SystemAssigned')),
      ],
      apply: ({ arm }, want, have) => writeMerged(arm, want, have, adopted, owner),
      destroy: ({ arm }, have) => arm.delete(have.id, { budgetMs: BUDGET_MS }),
      detach: ({ arm }, have) => giveBack(arm, have),
      outputs: (have) => ({
        id: have.id,
        url: `https://${workspace}-${service}.${endpoints.fhirSuffix}`.toLowerCase(),
        principalId: hasOwnIdentity(have) ? textAt(have, 'identity', 'principalId') : undefined,
      }),
    }),
  ];
};

/** Ours over what is there, under the etag that was read. */
function writeMerged(
  arm: Tools['arm'],
  want: Want,
  have: ArmBody | undefined,
  adopted: boolean,
  owner: Owner,
): Promise<ArmBody> {
  const base = have ?? { location: want.location, tags: {}, properties: {} };
  const before = base.properties as Configured;
  const ours = ourProperties(want);
  const marks = adopted ? adoptionTags(owner.adoptedTags(), have) : owner.tags(RESOURCE.fhir);
  const body = {
    location: base.location,
    kind: 'fhir-R4',
    identity: withOwnIdentity(have),
    tags: mergeTags(base.tags, marks),
    properties: {
      ...base.properties,
      authenticationConfiguration: {
        ...before.authenticationConfiguration,
        ...ours.authenticationConfiguration,
      },
      exportConfiguration: { ...before.exportConfiguration, ...ours.exportConfiguration },
    },
  };
  return arm.put(want.armId, body, { budgetMs: BUDGET_MS, ...ifUnchanged(have) });
}

async function giveBack(arm: Tools['arm'], have: ArmBody): Promise<void> {
  const { location, kind, properties } = have;
  const body = {
    ...{ location, kind },
    identity: withOwnIdentity(have),
    tags: withoutOurTags(have.tags),
    properties: restored(have, properties),
  };
  await arm.put(have.id, body, { budgetMs: BUDGET_MS, ...ifUnchanged(have) });
}

function hasOwnIdentity(have: ArmBody): boolean {
  return have.identity?.type?.includes('SystemAssigned') === true;
}

/** An identity of the service's own beside those that others assigned to it. */
function withOwnIdentity(have: ArmBody | undefined): Readonly<Record<string, unknown>> {
  const { type, userAssignedIdentities } = have?.identity ?? {};
  if (type?.includes('UserAssigned') !== true) return { type: 'SystemAssigned' };
  const assigned = Object.keys(userAssignedIdentities ?? {}).map((id) => [id, {}] as const);
  return { type: 'SystemAssigned,UserAssigned', userAssignedIdentities: Object.fromEntries(assigned) };
}

function ourProperties(want: Want) {
  return {
    authenticationConfiguration: { authority: want.authority, audience: want.audience },
    exportConfiguration: { storageAccountName: want.storage },
  };
}

function ifUnchanged(have: ArmBody | undefined): { ifMatch?: string } {
  return have?.etag === undefined ? {} : { ifMatch: have.etag };
}

/** On the first adoption the old values are noted; later ones are our own. */
function adoptionTags(marks: Record<string, string>, have: ArmBody | undefined): Record<string, string> {
  if (have?.tags?.[BEFORE.audience] !== undefined) return marks;
  const before = (have?.properties ?? {}) as Configured;
  return {
    ...marks,
    [BEFORE.audience]: before.authenticationConfiguration?.audience ?? '',
    [BEFORE.authority]: before.authenticationConfiguration?.authority ?? '',
    [BEFORE.storage]: before.exportConfiguration?.storageAccountName ?? '',
  };
}

function restored(have: ArmBody, properties: Configured & ArmBody['properties']): Record<string, unknown> {
  const was = (tag: string): string => have.tags?.[tag] ?? '';
  const { exportConfiguration, ...rest } = properties;
  const storage = was(BEFORE.storage);
  return {
    ...rest,
    authenticationConfiguration: {
      ...properties.authenticationConfiguration,
      ...(was(BEFORE.audience) === '' ? {} : { audience: was(BEFORE.audience) }),
      ...(was(BEFORE.authority) === '' ? {} : { authority: was(BEFORE.authority) }),
    },
    ...(storage === ''
      ? {}
      : { exportConfiguration: { ...exportConfiguration, storageAccountName: storage } }),
  };
}

function notThere(armId: string): SmartfhirError {
  return new SmartfhirError('CONFIG_INVALID', 'the FHIR service to adopt does not exist, or cannot be seen', {
    why: armId,
    fix: 'correct fhir.adopt in smartfhir.yaml, or sign in with an account that may read it',
  });
}
