import {
  type ApiCreateOrUpdateParameter,
  ApiManagementClient,
  type OperationContract,
} from '@azure/arm-apimanagement';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { apiVersionOf } from './api-versions.ts';
import type { ArmBody } from './arm.ts';
import { fromSdk, isFailure, refusal } from './failure.ts';
import { type SdkOptions, sdkClientOptions, untilDone } from './sdk.ts';

export interface ServiceSettings {
  readonly location: string;
  readonly sku: string;
  readonly publisherName: string;
  readonly publisherEmail: string;
  readonly tags: Record<string, string>;
  /** Take back the soft-deleted service of this name. */
  readonly restore: boolean;
}

export interface NamedValueSettings {
  readonly displayName: string;
  readonly value?: string;
  /** URL of the Key Vault secret that holds the value. */
  readonly secretUrl?: string;
  readonly tags: string[];
}

/** API Management through the typed client. API policies are read raw: the client answers them without their value. */
export class ApiManagement {
  readonly #client: ApiManagementClient;
  readonly #options: SdkOptions;

  constructor(options: SdkOptions) {
    this.#options = options;
    const { credential, settings } = sdkClientOptions(options);
    this.#client = new ApiManagementClient(credential, options.subscriptionId, settings);
  }

  getService(group: string, name: string): Promise<ArmBody | undefined> {
    return this.#found(`API Management ${name}`, () => this.#client.apiManagementService.get(group, name));
  }

  async putService(group: string, name: string, want: ServiceSettings): Promise<ArmBody> {
    const made = await untilDone(this.#options, `API Management ${name}`, (onResponse) =>
      this.#client.apiManagementService.beginCreateOrUpdate(
        group,
        name,
        {
          location: want.location,
          sku: { name: want.sku, capacity: want.sku === 'Consumption' ? 0 : 1 },
          identity: { type: 'SystemAssigned' },
          publisherName: want.publisherName,
          publisherEmail: want.publisherEmail,
          tags: want.tags,
          ...(want.restore ? { restore: true } : {}),
        },
        { onResponse },
      ),
    );
    return flat(made);
  }

  async deleteService(group: string, name: string): Promise<void> {
    await untilDone(this.#options, `API Management ${name}`, (onResponse) =>
      this.#client.apiManagementService.beginDelete(group, name, { onResponse }),
    );
  }

  getNamedValue(group: string, service: string, id: string): Promise<ArmBody | undefined> {
    return this.#found(`named value ${id}`, () => this.#client.namedValue.get(group, service, id));
  }

  async putNamedValue(
    group: string,
    service: string,
    id: string,
    want: NamedValueSettings,
    exists: boolean,
  ): Promise<ArmBody> {
    const made = await untilDone(this.#options, `named value ${id}`, (onResponse) =>
      this.#client.namedValue.beginCreateOrUpdate(
        group,
        service,
        id,
        {
          displayName: want.displayName,
          tags: want.tags,
          ...(want.secretUrl === undefined
            ? { value: want.value ?? '', secret: false }
            : { secret: true, keyVault: { secretIdentifier: want.secretUrl } }),
        },
        { onResponse, ...overwrite(exists) },
      ),
    );
    return flat(made);
  }

  /** The value that policies see; of a Key Vault backed one, the copy that API Management holds. */
  async valueOf(group: string, service: string, id: string): Promise<string | undefined> {
    const found = await this.#told(`named value ${id}`, () =>
      this.#client.namedValue.listValue(group, service, id),
    );
    return found.value;
  }

  /** Makes API Management look at Key Vault now, not within four hours. */
  async refreshSecret(group: string, service: string, id: string): Promise<void> {
    await untilDone(this.#options, `named value ${id}`, (onResponse) =>
      this.#client.namedValue.beginRefreshSecret(group, service, id, { onResponse }),
    );
  }

  getApi(group: string, service: string, id: string): Promise<ArmBody | undefined> {
    return this.#found(`API ${id}`, () => this.#client.api.get(group, service, id));
  }

  async putApi(
    group: string,
    service: string,
    id: string,
    want: ApiCreateOrUpdateParameter,
    exists: boolean,
  ): Promise<ArmBody> {
    const made = await untilDone(this.#options, `API ${id}`, (onResponse) =>
      this.#client.api.beginCreateOrUpdate(group, service, id, want, { onResponse, ...overwrite(exists) }),
    );
    return flat(made);
  }

  async listOperations(group: string, service: string, api: string): Promise<readonly OperationContract[]> {
    return this.#told(`operations of API ${api}`, async () => {
      const found: OperationContract[] = [];
      for await (const item of this.#client.apiOperation.listByApi(group, service, api)) found.push(item);
      return found;
    });
  }

  async putOperation(
    group: string,
    service: string,
    api: string,
    id: string,
    want: OperationContract,
    exists: boolean,
  ): Promise<void> {
    await this.#told(`operation ${api}/${id}`, () =>
      this.#client.apiOperation.createOrUpdate(group, service, api, id, want, overwrite(exists)),
    );
  }

  async deleteOperation(group: string, service: string, api: string, id: string): Promise<void> {
    await this.#told(`operation ${api}/${id}`, () =>
      this.#client.apiOperation.delete(group, service, api, id, '*'),
    );
  }

  async putApiPolicy(
    group: string,
    service: string,
    api: string,
    xml: string,
    exists: boolean,
  ): Promise<void> {
    await this.#told(`policy of API ${api}`, () =>
      this.#client.apiPolicy.createOrUpdate(
        group,
        service,
        api,
        'policy',
        { format: 'rawxml', value: xml },
        overwrite(exists),
      ),
    );
  }

  async putOperationPolicy(
    group: string,
    service: string,
    api: string,
    operation: string,
    xml: string,
    exists: boolean,
  ): Promise<void> {
    await this.#told(`policy of ${api}/${operation}`, () =>
      this.#client.apiOperationPolicy.createOrUpdate(
        group,
        service,
        api,
        operation,
        'policy',
        { format: 'rawxml', value: xml },
        overwrite(exists),
      ),
    );
  }

  async deleteOperationPolicy(group: string, service: string, api: string, operation: string): Promise<void> {
    await this.#told(`policy of ${api}/${operation}`, () =>
      this.#client.apiOperationPolicy.delete(group, service, api, operation, 'policy', '*'),
    );
  }

  /** The XML of the policy at an API or operation id; undefined when there is none. */
  async getPolicy(scopeId: string): Promise<string | undefined> {
    const id = `${scopeId}/policies/policy`;
    const url = `${this.#options.armBase}${id}?api-version=${apiVersionOf(id)}&format=rawxml`;
    const headers = createHttpHeaders({ accept: 'application/json' });
    return this.#told(`policy of ${scopeId}`, async () => {
      const answer = await this.#client.sendRequest(createPipelineRequest({ url, method: 'GET', headers }));
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw refusal(`GET ${id}`, answer.status, answer.bodyAsText ?? '');
      const body = JSON.parse(answer.bodyAsText ?? '') as { properties?: { value?: unknown } };
      return String(body.properties?.value ?? '');
    });
  }

  async #found(what: string, work: () => Promise<unknown>): Promise<ArmBody | undefined> {
    try {
      return flat(await this.#told(what, work));
    } catch (error) {
      if (isFailure(error, 404)) return undefined;
      throw error;
    }
  }

  async #told<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.#options.watch.signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      throw fromSdk(what, error);
    }
  }
}

/** API Management demands If-Match to change an entity, and a plain PUT to make one. */
function overwrite(exists: boolean): { ifMatch?: string } {
  return exists ? { ifMatch: '*' } : {};
}

/** The client lifts `properties` to the top; so do we, for every resource here. */
function flat(value: unknown): ArmBody {
  const body = value as Record<string, unknown>;
  return { ...body, properties: body } as unknown as ArmBody;
}
