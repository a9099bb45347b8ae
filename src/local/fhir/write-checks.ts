import { R4_SEARCH_PARAMETERS } from '../../standards/generated/search-parameters.ts';
import { US_CORE_SEARCH_PARAMETERS } from '../../standards/generated/us-core-search-parameters.ts';
import { badRequest, FhirError, NotImitated } from './fhir-error.ts';
import type { Interaction } from './interaction.ts';
import type { Resource } from './resource.ts';
import type { StoredVersion } from './store/fhir-store.ts';
import { checkStructure } from './structure.ts';

const R4_PARAMETER_URL = /^http:\/\/hl7\.org\/fhir\/SearchParameter\/(.+)$/;

/**
 * The body of a create or update.
 *
 * @throws FhirError 400, 405 for SearchParameters of R4 itself, 501 for SearchParameters nobody compiled
 */
export function resourceToWrite(interaction: Interaction, type: string): Resource {
  const resource = checkStructure(interaction.body);
  if (resource.resourceType !== type) {
    throw badRequest('Resource type in the URL must match resourceType in the resource.');
  }
  if (type === 'SearchParameter') checkSearchParameter(resource);
  return resource;
}

/**
 * If-Match against the current version.
 *
 * @throws FhirError 400 for a malformed ETag, 412 for another version
 */
export function checkIfMatch(headers: Headers, current: StoredVersion | undefined): void {
  const header = headers.get('if-match');
  if (header === null || header === '') return;
  const version = /^W\/"([^"]+)"$/.exec(header)?.[1];
  if (version === undefined) throw badRequest(`WeakETag '${header}' must be in the weak ETag format.`);
  if (current !== undefined && String(current.version) !== version) {
    throw new FhirError(412, 'conflict', `The supplied version '${version}' did not match.`);
  }
}

function checkSearchParameter(resource: Resource): void {
  const url = String(resource['url'] ?? '');
  const own = R4_PARAMETER_URL.exec(url)?.[1];
  if (own !== undefined && isR4Parameter(own)) {
    throw new FhirError(
      405,
      'forbidden',
      `The search parameter with Uri '${url}' is defined by the FHIR specification and cannot be updated or deleted. Custom search parameters must use a different URL.`,
    );
  }
  const known = Object.values(US_CORE_SEARCH_PARAMETERS).some((codes) =>
    Object.values(codes).some((row) => row[2] === url),
  );
  if (!known) throw new NotImitated(`A SearchParameter other than US Core's (${url})`);
}

function isR4Parameter(name: string): boolean {
  return Object.values(R4_SEARCH_PARAMETERS).some((codes) =>
    Object.values(codes).some((row) => row[2] === name),
  );
}
