import { ARM_MISSING_REGISTRATION_STATUS } from '../beliefs.ts';
import type { Fabric } from '../fabric.ts';
import type { Collection } from '../store.ts';
import { LOCATIONS } from './locations.ts';
import { ArmError } from './resource-type.ts';
import { RESOURCE_TYPES } from './types.ts';

interface Registration {
  readonly state: 'Registering' | 'Registered' | 'Unregistered';
  /** When Registering turns into Registered, milliseconds since the epoch. */
  readonly readyAt: number;
}

/** Providers every subscription has from the start. */
const ALWAYS_REGISTERED = new Set(['microsoft.resources', 'microsoft.authorization']);

/** Which resource providers the subscription is registered to use. */
export class Registrations {
  readonly #fabric: Fabric;
  readonly #items: Collection<Registration>;

  constructor(fabric: Fabric) {
    this.#fabric = fabric;
    this.#items = fabric.store.collection<Registration>('arm-registrations');
  }

  /** Spelled as Azure does, or undefined for a provider this cloud does not have. */
  known(namespace: string): string | undefined {
    const wanted = namespace.toLowerCase();
    if (wanted === 'microsoft.authorization') return 'Microsoft.Authorization';
    return namespaces().find((name) => name.toLowerCase() === wanted);
  }

  state(namespace: string): string {
    const key = namespace.toLowerCase();
    if (ALWAYS_REGISTERED.has(key)) return 'Registered';
    const item = this.#items.get(key);
    if (item === undefined) return 'NotRegistered';
    if (item.state === 'Registering' && item.readyAt <= this.#fabric.clock.now()) return 'Registered';
    return item.state;
  }

  register(namespace: string): void {
    const now = this.state(namespace);
    if (now === 'Registered' || now === 'Registering') return;
    const readyAt = this.#fabric.clock.now() + this.#fabric.timing.armOperationMs;
    this.#items.put(namespace.toLowerCase(), { state: 'Registering', readyAt });
  }

  unregister(namespace: string): void {
    if (ALWAYS_REGISTERED.has(namespace.toLowerCase())) {
      throw new ArmError(
        409,
        'CannotUnregisterRequiredProvider',
        `The provider ${namespace} cannot be unregistered.`,
      );
    }
    this.#items.put(namespace.toLowerCase(), { state: 'Unregistered', readyAt: 0 });
  }

  /** @throws ArmError 409 unless the subscription may use the provider */
  require(namespace: string): void {
    if (this.state(namespace) === 'Registered') return;
    throw new ArmError(
      ARM_MISSING_REGISTRATION_STATUS,
      'MissingSubscriptionRegistration',
      `The subscription is not registered to use namespace '${namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.`,
      [
        {
          code: 'MissingSubscriptionRegistration',
          target: namespace,
          message: `The subscription is not registered to use namespace '${namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.`,
        },
      ],
    );
  }

  /** The provider document. */
  document(namespace: string): Record<string, unknown> {
    const prefix = `${namespace.toLowerCase()}/`;
    const types = RESOURCE_TYPES.filter(({ type }) => type.toLowerCase().startsWith(prefix));
    return {
      id: `/subscriptions/${this.#fabric.subscriptionId}/providers/${namespace}`,
      namespace,
      registrationPolicy: 'RegistrationRequired',
      registrationState: this.state(namespace),
      resourceTypes: types.map(({ type, apiVersions }) => ({
        resourceType: type.slice(prefix.length),
        locations: Object.values(LOCATIONS),
        apiVersions,
        defaultApiVersion: apiVersions[0],
        capabilities:
          'CrossResourceGroupResourceMove, CrossSubscriptionResourceMove, SupportsTags, SupportsLocation',
      })),
    };
  }

  documents(): Record<string, unknown>[] {
    return namespaces().map((name) => this.document(name));
  }
}

function namespaces(): string[] {
  return [...new Set(RESOURCE_TYPES.map(({ type }) => type.split('/')[0] ?? ''))].sort();
}
