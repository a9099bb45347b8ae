import type { Fabric } from '../fabric.ts';
import { Resources, type StoredResource } from '../resources.ts';
import { secretText } from './key-vault-secrets.ts';
import type { PolicyEnvironment } from './policy/environment.ts';
import type { PolicyFormat } from './policy/parse.ts';
import { objectAt, textAt } from './resource-fields.ts';

export const SERVICE_TYPE = 'Microsoft.ApiManagement/service';

/** What a document as it was stored looks like. */
export interface StoredPolicy {
  readonly document: string;
  readonly format: PolicyFormat;
  readonly etag: string;
}

/** One API Management service, read from its ARM resources. */
export class ServiceConfiguration {
  readonly service: StoredResource;
  readonly #fabric: Fabric;
  readonly #resources: Resources;

  constructor(fabric: Fabric, service: StoredResource) {
    this.#fabric = fabric;
    this.#resources = new Resources(fabric.store);
    this.service = service;
  }

  /** `Consumption`, `Developer`, … */
  get sku(): string {
    return textAt(objectAt(this.service.body, 'sku'), 'name') ?? '';
  }

  /** Children of a kind anywhere in the service: `apis`, `namedValues`. */
  children(kind: string): StoredResource[] {
    const prefix = `${this.service.id.toLowerCase()}/`;
    return this.#resources
      .ofType(`${SERVICE_TYPE}/${kind}`)
      .filter((item) => item.id.toLowerCase().startsWith(prefix));
  }

  policy(scopeId: string): StoredPolicy | undefined {
    const stored = this.#resources.get(`${scopeId}/policies/policy`);
    return stored === undefined ? undefined : { ...documentOf(stored), etag: stored.etag };
  }

  /** Changes whenever something that policies refer to changes. */
  get revision(): string {
    const referred = ['namedValues', 'policyFragments', 'backends'].flatMap((kind) => this.children(kind));
    const texts = referred.map((item) => `${item.etag}${secretText(this.#fabric, item.id)?.readId ?? ''}`);
    return [this.service.etag, ...texts].join();
  }

  environment(): PolicyEnvironment {
    return {
      sku: this.sku,
      namedValue: (name) => this.#namedValue(name),
      fragment: (id) => {
        const stored = this.#child('policyFragments', id);
        return stored === undefined ? undefined : documentOf(stored);
      },
      backend: (id) => {
        const url = textAt(objectAt(this.#child('backends', id)?.body, 'properties'), 'url');
        return url === undefined ? undefined : { url };
      },
    };
  }

  #child(kind: string, name: string): StoredResource | undefined {
    return this.#resources.get(`${this.service.id}/${kind}/${name}`);
  }

  #namedValue(displayName: string): string | undefined {
    const stored = this.children('namedValues').find(
      (item) => textAt(objectAt(item.body, 'properties'), 'displayName') === displayName,
    );
    if (stored === undefined) return undefined;
    return secretText(this.#fabric, stored.id)?.value ?? textAt(objectAt(stored.body, 'properties'), 'value');
  }
}

function documentOf(stored: StoredResource): { document: string; format: PolicyFormat } {
  const properties = objectAt(stored.body, 'properties');
  return {
    document: textAt(properties, 'value') ?? '',
    format: textAt(properties, 'format') === 'rawxml' ? 'rawxml' : 'xml',
  };
}
