import type { ArmBody } from '../../azure/arm.ts';
import { contentDiff } from '../arm-resource.ts';
import type { ResourceKind } from '../context.ts';
import { defineResource } from '../engine/resource.ts';
import { mergeTags } from '../owner.ts';
import { provider, RESOURCE } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

interface Want {
  readonly group: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** The workspace of Azure Health Data Services. An adopted FHIR service has its own already. */
export const fhirWorkspace: ResourceKind = ({ config, names, owner }) => {
  if (names.fhir.adopted) return [];
  return [
    defineResource<Tools, Want, ArmBody>({
      id: RESOURCE.workspace,
      type: 'fhir-workspace',
      label: `fhir-workspace ${names.fhir.workspace}`,
      dependsOn: [RESOURCE.group, provider('Microsoft.HealthcareApis')],
      containedIn: RESOURCE.group,
      desired: () => ({
        group: names.resourceGroup,
        name: names.fhir.workspace,
        location: config.azure.location,
        tags: owner.tags(RESOURCE.workspace),
      }),
      locate: (want) => want.name,
      async read({ healthcare }, want) {
        const have = await healthcare.getWorkspace(want.group, want.name);
        return have && { have, ownership: owner.owns(have.tags) ? 'ours' : 'foreign' };
      },
      diff: (want, have) => contentDiff({ location: want.location, properties: {} }, have, ['location']),
      apply: ({ healthcare }, want, have) =>
        healthcare.putWorkspace(want.group, want.name, {
          location: want.location,
          tags: mergeTags(have?.tags, want.tags),
        }),
      destroy: ({ healthcare }, have) => healthcare.deleteWorkspace(names.resourceGroup, have.name),
      outputs: (have) => ({ id: have.id }),
    }),
  ];
};
