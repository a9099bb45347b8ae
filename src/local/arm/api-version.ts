import { ArmError, type ResourceType } from './resource-type.ts';

/** Versions of the calls of Azure Resource Manager itself: subscriptions, providers, generic lists. */
const RESOURCE_MANAGER_VERSIONS = [
  '2025-04-01',
  '2024-11-01',
  '2024-07-01',
  '2024-03-01',
  '2023-07-01',
  '2022-12-01',
  '2022-09-01',
  '2021-10-01',
  '2021-04-01',
  '2020-01-01',
];

/** @throws ArmError 400 when absent, repeated or not a date */
export function apiVersionOf(query: URLSearchParams): string {
  const [version, ...more] = query.getAll('api-version');
  if (version === undefined || version === '') {
    throw new ArmError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
  }
  if (more.length > 0 || !/^\d{4}-\d{2}-\d{2}(-[a-z]+)?$/i.test(version)) {
    throw new ArmError(
      400,
      'InvalidApiVersionParameter',
      `The api-version '${version}' is invalid. The supported versions are '${RESOURCE_MANAGER_VERSIONS.join(',')}'.`,
    );
  }
  return version;
}

/** @throws ArmError 400 unless the type has this version */
export function requireVersion(type: Pick<ResourceType, 'type' | 'apiVersions'>, version: string): void {
  if (type.apiVersions.includes(version)) return;
  throw new ArmError(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for API version '${version}' for type '${type.type}'. The supported api-versions are '${type.apiVersions.join(', ')}'.`,
  );
}

/** @throws ArmError 400 unless Azure Resource Manager itself has this version */
export function requireManagerVersion(version: string): void {
  if (RESOURCE_MANAGER_VERSIONS.includes(version)) return;
  throw new ArmError(
    400,
    'InvalidApiVersionParameter',
    `The api-version '${version}' is invalid. The supported versions are '${RESOURCE_MANAGER_VERSIONS.join(',')}'.`,
  );
}
