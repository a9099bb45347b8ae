import type { ArmBody } from '../../azure/arm.ts';
import { NAMED_VALUES, POLICY_FRAGMENTS } from '../../templates/index.ts';
import type { ResourceKind } from '../context.ts';
import { changed, defineResource } from '../engine/resource.ts';
import { samePolicy } from '../policy-text.ts';
import { fragment, namedValue, RESOURCE } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

interface Want {
  readonly armId: string;
  readonly value: string;
  readonly description: string;
}

/** Pieces of policy that the APIs include. */
export const apiManagementFragments: ResourceKind = ({ policies }) =>
  POLICY_FRAGMENTS.map(({ id, description, policy }) =>
    defineResource<Tools, Want, ArmBody>({
      id: fragment(id),
      type: 'policy-fragment',
      label: `policy fragment ${id}`,
      // A policy that names an unknown value is refused.
      dependsOn: [RESOURCE.apim, ...NAMED_VALUES.map((value) => namedValue(value.name))],
      containedIn: RESOURCE.apim,
      desired: (outputs) => ({
        armId: `${outputs.get(RESOURCE.apim, 'id')}/policyFragments/${id}`,
        value: policies[policy],
        description,
      }),
      locate: (want) => want.armId,
      async read({ arm }, want) {
        const have = await arm.get(want.armId);
        return have && { have, ownership: 'ours' };
      },
      diff: (want, have) =>
        samePolicy(String(have.properties['value'] ?? ''), want.value)
          ? []
          : changed('policy', 'another', 'ours'),
      apply: ({ arm }, { armId, ...properties }) =>
        arm.put(armId, { properties: { format: 'rawxml', ...properties } }),
      destroy: ({ arm }, have) => arm.delete(have.id),
      outputs: (have) => ({ id: have.id }),
    }),
  );
