import { APIM_VERSIONS } from '../../apim/arm-versions.ts';
import {
  fetchSecret,
  forgetSecret,
  isSecretIdentifier,
  SecretUnavailable,
  secretText,
} from '../../apim/key-vault-secrets.ts';
import { configurationOf, quoted, refuseWhileUsed } from '../../apim/policy-resource.ts';
import { objectAt, textAt } from '../../apim/resource-fields.ts';
import { validationError } from '../../apim/validation-error.ts';
import type { StoredResource } from '../../resources.ts';
import schema from '../../schemas/microsoft.apimanagement.json' with { type: 'json' };
import { checkBody } from '../body-check.ts';
import { ArmError, type ResourceRequest, type ResourceType } from '../resource-type.ts';

const TYPE = 'Microsoft.ApiManagement/service/namedValues';

/** Named values: plain, secret, or read from Key Vault with the service's identity. Secrets are never shown. */
export const apimNamedValues: ResourceType = {
  type: TYPE,
  apiVersions: APIM_VERSIONS,
  put: { header: 'Location', runningState: 'InProgress', weight: 0.2 },
  etag: 'honoured',
  tracked: false,
  patch: true,
  write(request) {
    if (!/^[^*#&+:<>?]{1,256}$/.test(request.name))
      throw validationError({
        target: 'namedValueId',
        message: 'The id has characters that are not allowed.',
      });
    const properties = objectAt(checkBody(schema, TYPE, request.body), 'properties');
    const displayName = textAt(properties, 'displayName') ?? '';
    checkUnique(request, displayName);
    const identifier = textAt(objectAt(properties, 'keyVault'), 'secretIdentifier');
    const content =
      identifier === undefined
        ? { value: plainValue(properties) }
        : { keyVault: keyVault(request, properties, identifier) };
    if (identifier === undefined) forgetSecret(request.fabric, request.id);
    return {
      properties: {
        displayName,
        tags: properties['tags'] ?? [],
        secret: identifier !== undefined || properties['secret'] === true,
        ...content,
        provisioningState: 'Succeeded',
      },
    };
  },
  complete: async (request) => {
    const identifier = identifierOf(request.existing ?? request.resources.get(request.id));
    if (identifier !== undefined) await fetched(request, identifier);
    return undefined;
  },
  present: (stored) => ({ properties: shown(stored) }),
  beforeDelete: (request) => {
    const name = textAt(objectAt(request.existing?.body, 'properties'), 'displayName') ?? '';
    refuseWhileUsed(request, 'property', new RegExp(`\\{\\{\\s*${quoted(name)}\\s*\\}\\}`));
  },
  afterDelete: ({ fabric, id }) => forgetSecret(fabric, id),
  actions: {
    listvalue: ({ fabric, id, existing }) => ({
      value: secretText(fabric, id)?.value ?? textAt(objectAt(existing?.body, 'properties'), 'value') ?? '',
    }),
    refreshsecret: async (request) => {
      const identifier = identifierOf(request.existing);
      if (identifier === undefined)
        throw validationError({ target: 'keyVault', message: 'The named value is not backed by Key Vault.' });
      await fetched(request, identifier);
      const { id, name, existing } = request;
      return { id, name, type: TYPE, properties: existing === undefined ? {} : shown(existing) };
    },
  },
};

function shown(stored: StoredResource): Record<string, unknown> {
  const { value, ...properties } = objectAt(stored.body, 'properties');
  return properties['secret'] === true ? properties : { ...properties, value };
}

function identifierOf(stored: StoredResource | undefined): string | undefined {
  return textAt(objectAt(objectAt(stored?.body, 'properties'), 'keyVault'), 'secretIdentifier');
}

function plainValue(properties: Readonly<Record<string, unknown>>): string {
  const value = textAt(properties, 'value') ?? '';
  if (value.trim() === '') throw validationError({ target: 'value', message: "'Value' must not be empty." });
  return value;
}

function keyVault(
  request: ResourceRequest,
  properties: Readonly<Record<string, unknown>>,
  identifier: string,
): Record<string, unknown> {
  if (textAt(properties, 'value') !== undefined)
    throw validationError({ target: 'value', message: "'value' and 'keyVault' exclude each other." });
  if (!isSecretIdentifier(identifier))
    throw validationError({
      target: 'keyVault.secretIdentifier',
      message: 'The secret identifier is not valid.',
    });
  if (textAt(objectAt(properties, 'keyVault'), 'identityClientId') !== undefined) {
    request.fabric.log({ standIn: 'arm', level: 'warn', text: 'user-assigned identities are not imitated' });
    throw new ArmError(501, 'NotImplemented', 'User-assigned identities are not imitated.');
  }
  return { secretIdentifier: identifier };
}

function checkUnique(request: ResourceRequest, displayName: string): void {
  const others = configurationOf(request.fabric, request.id).children('namedValues');
  const taken = others.some(
    (item) =>
      item.id.toLowerCase() !== request.id.toLowerCase() &&
      textAt(objectAt(item.body, 'properties'), 'displayName') === displayName,
  );
  if (taken)
    throw validationError({
      target: 'displayName',
      message: `Property with the display name '${displayName}' already exists.`,
    });
}

async function fetched(request: ResourceRequest, identifier: string): Promise<void> {
  try {
    await fetchSecret(request.fabric, request.id, identifier);
  } catch (error) {
    if (!(error instanceof SecretUnavailable)) throw error;
    throw new ArmError(
      400,
      'ValidationError',
      `Failed to read the Key Vault secret of '${request.name}' (${error.code}): ${error.message}`,
    );
  }
}
