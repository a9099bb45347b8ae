import { randomBytes } from 'node:crypto';
import { STORAGE_DEFAULTS } from '../../beliefs.ts';
import schema from '../../schemas/microsoft.storage.json' with { type: 'json' };
import { checkBody } from '../body-check.ts';
import { holderOfName } from '../name-availability.ts';
import {
  ArmError,
  type ProviderOperation,
  type ResourceRequest,
  type ResourceType,
} from '../resource-type.ts';

export const STORAGE_VERSIONS = ['2026-04-01', '2025-08-01', '2025-06-01', '2024-01-01', '2023-05-01'];

const TYPE = 'Microsoft.Storage/storageAccounts';
const NAME = /^[a-z0-9]{3,24}$/;
/** What `properties` may ask for that would need a service this cloud does not have. */
const NOT_IMITATED = [
  'isHnsEnabled',
  'isSftpEnabled',
  'isNfsV3Enabled',
  'isLocalUserEnabled',
  'customDomain',
];

export interface AccountKey {
  readonly keyName: string;
  readonly value: string;
  readonly permissions: 'FULL';
  readonly creationTime: string;
}

/** Storage accounts with a blob and a table endpoint. */
export const storageAccounts: ResourceType = {
  type: TYPE,
  apiVersions: STORAGE_VERSIONS,
  put: { header: 'Location', runningState: 'Creating', weight: 1 },
  updatesAtOnce: true,
  patch: true,
  write(request: ResourceRequest) {
    if (!NAME.test(request.name)) {
      throw new ArmError(
        400,
        'AccountNameInvalid',
        `${request.name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.`,
      );
    }
    if (holderOfName(request.resources, TYPE, request.name, request.id) !== undefined) {
      throw new ArmError(
        409,
        'StorageAccountAlreadyTaken',
        `The storage account named ${request.name} is already taken.`,
      );
    }
    const { keys: _, ...asked } = request.body;
    const body = checkBody(schema, TYPE, asked);
    const sku = body['sku'] as { name: string };
    return {
      location: body['location'],
      tags: body['tags'],
      kind: kindOf(request, body['kind']),
      sku: { name: sku.name, tier: sku.name.split('_')[0] },
      ...identityOf(request, body['identity']),
      properties: properties(request, (body['properties'] ?? {}) as Record<string, unknown>),
      keys: request.existing?.body['keys'] ?? newKeys(request),
    };
  },
  present(stored) {
    const { keys: _, ...body } = stored.body;
    return body;
  },
  actions: {
    listkeys: (request) => ({ keys: keysOf(request) }),
    regeneratekey: regenerateKey,
  },
};

export const storageOperations: readonly ProviderOperation[] = [
  {
    method: 'POST',
    path: 'Microsoft.Storage/checkNameAvailability',
    apiVersions: STORAGE_VERSIONS,
    action: 'Microsoft.Storage/checknameavailability/read',
    handle({ resources, body }) {
      const name = body['name'];
      if (typeof name !== 'string' || body['type'] !== TYPE) {
        throw new ArmError(400, 'BadRequest', `The name and the type ${TYPE} are required.`);
      }
      if (!NAME.test(name)) {
        return {
          nameAvailable: false,
          reason: 'AccountNameInvalid',
          message: `${name} is not a valid storage account name.`,
        };
      }
      if (holderOfName(resources, TYPE, name, '') === undefined) return { nameAvailable: true };
      return {
        nameAvailable: false,
        reason: 'AlreadyExists',
        message: `The storage account named ${name} is already taken.`,
      };
    },
  },
];

function kindOf(request: ResourceRequest, kind: unknown): string {
  const before = request.existing?.body['kind'];
  if (before !== undefined && before !== kind) {
    throw new ArmError(400, 'AccountPropertyCannotBeUpdated', 'The property kind cannot be updated.');
  }
  if (kind === 'StorageV2') return kind;
  request.fabric.log({ standIn: 'arm', level: 'warn', text: `storage kind ${kind} is not imitated` });
  throw new ArmError(501, 'NotImplemented', `Storage accounts of kind '${kind}' are not imitated.`);
}

function identityOf(request: ResourceRequest, identity: unknown): { identity?: unknown } {
  if (identity === undefined || identity === null) return {};
  const { type } = identity as { type?: string };
  if (type === 'None') return { identity: { type } };
  request.fabric.log({
    standIn: 'arm',
    level: 'warn',
    text: 'identities of storage accounts are not imitated',
  });
  throw new ArmError(501, 'NotImplemented', 'Identities of storage accounts are not imitated.');
}

function properties(request: ResourceRequest, asked: Record<string, unknown>): Record<string, unknown> {
  const refused = NOT_IMITATED.find((name) => asked[name] !== undefined && asked[name] !== false);
  if (refused !== undefined) {
    request.fabric.log({
      standIn: 'arm',
      level: 'warn',
      text: `storage property ${refused} is not imitated`,
    });
    throw new ArmError(501, 'NotImplemented', `The storage account property '${refused}' is not imitated.`);
  }
  const { fabric, name, existing } = request;
  const created = existing?.createdAt ?? new Date(fabric.clock.now()).toISOString();
  const location = request.body['location'];
  return {
    ...STORAGE_DEFAULTS,
    ...asked,
    keyCreationTime: { key1: created, key2: created },
    privateEndpointConnections: [],
    provisioningState: 'Succeeded',
    creationTime: created,
    primaryEndpoints: Object.fromEntries(
      [
        ['blob', 'blob'],
        ['dfs', 'dfs'],
        ['file', 'file'],
        ['queue', 'queue'],
        ['table', 'table'],
        ['web', 'z13.web'],
      ].map(([service, label]) => [service, `https://${name}.${label}.core.windows.net/`]),
    ),
    primaryLocation: location,
    statusOfPrimary: 'available',
  };
}

function newKeys(request: ResourceRequest): AccountKey[] {
  return [newKey(request, 'key1'), newKey(request, 'key2')];
}

function newKey({ fabric }: ResourceRequest, keyName: string): AccountKey {
  const creationTime = new Date(fabric.clock.now()).toISOString();
  return { keyName, value: randomBytes(64).toString('base64'), permissions: 'FULL', creationTime };
}

function keysOf(request: ResourceRequest): AccountKey[] {
  return (request.existing?.body['keys'] ?? []) as AccountKey[];
}

function regenerateKey(request: ResourceRequest): { keys: AccountKey[] } {
  const { existing, resources } = request;
  const keyName = request.body['keyName'];
  if (existing === undefined || (keyName !== 'key1' && keyName !== 'key2')) {
    throw new ArmError(400, 'InvalidKeyName', 'keyName must be key1 or key2.');
  }
  const keys = keysOf(request).map((key) => (key.keyName === keyName ? newKey(request, keyName) : key));
  resources.put({ ...existing, body: { ...existing.body, keys } });
  return { keys };
}
