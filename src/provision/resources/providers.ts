import { pollPause } from '../../azure/operation.ts';
import { MINUTE } from '../../core/clock.ts';
import type { ResourceKind } from '../context.ts';
import { defineResource } from '../engine/resource.ts';
import { provider } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

const NAMESPACES = [
  'Microsoft.HealthcareApis',
  'Microsoft.Storage',
  'Microsoft.KeyVault',
  'Microsoft.Web',
  'Microsoft.ApiManagement',
] as const;
const API_VERSION = '2025-04-01';
const BUDGET_MS = 15 * MINUTE;

interface Registration {
  readonly path: string;
}

/** Registration of the resource providers in the subscription. Registered once, they stay: others may use them. */
export const providers: ResourceKind = ({ account }) =>
  NAMESPACES.map((namespace) =>
    defineResource<Tools, Registration, Registration>({
      id: provider(namespace),
      type: 'provider-registration',
      label: namespace,
      dependsOn: [],
      desired: () => ({ path: `/subscriptions/${account.subscriptionId}/providers/${namespace}` }),
      locate: (want) => want.path,
      async read({ arm }, want) {
        const found = await arm.getDocument(want.path, API_VERSION);
        return found?.['registrationState'] === 'Registered'
          ? { have: want, ownership: 'shared' }
          : undefined;
      },
      diff: () => [],
      async apply({ arm, clock, step }, want) {
        await arm.action(want.path, 'register', API_VERSION);
        const pause = pollPause(
          { clock, watch: step, budgetMs: BUDGET_MS },
          `the registration of ${namespace}`,
        );
        while ((await arm.getDocument(want.path, API_VERSION))?.['registrationState'] !== 'Registered') {
          step.waiting('Registering');
          await pause();
        }
        return want;
      },
      destroy: async () => undefined,
      outputs: () => ({}),
    }),
  );
