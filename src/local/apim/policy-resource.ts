import { checkBody } from '../arm/body-check.ts';
import { ArmError, type ResourceRequest, type ResourceType } from '../arm/resource-type.ts';
import type { Fabric } from '../fabric.ts';
import { Resources, type StoredResource } from '../resources.ts';
import schema from '../schemas/microsoft.apimanagement.json' with { type: 'json' };
import { APIM_VERSIONS } from './arm-versions.ts';
import { compilePolicy } from './policy/document.ts';
import type { Scope } from './policy/element.ts';
import { type PolicyFormat, parsePolicy } from './policy/parse.ts';
import { printPolicy } from './policy/print.ts';
import { objectAt, serviceIdOf, textAt } from './resource-fields.ts';
import { ServiceConfiguration } from './service-configuration.ts';
import { checkingPolicy, validationError } from './validation-error.ts';

/** A `policies` resource type of one scope. */
export function policyType(type: string, scope: Scope): ResourceType {
  return {
    type,
    apiVersions: APIM_VERSIONS,
    etag: 'checked-by-type',
    tracked: false,
    write(request) {
      checkPrecondition(request);
      if (request.name.toLowerCase() !== 'policy') {
        throw validationError({ target: 'policyId', message: "The policy's name must be 'policy'." });
      }
      const { value, format } = documentIn(request, type);
      const { fabric, id } = request;
      checkingPolicy(() => compilePolicy(value, format, scope, configurationOf(fabric, id).environment()));
      return { properties: { format, value } };
    },
    beforeDelete: checkPrecondition,
    present: (stored, { query }) => ({
      properties: { format: shownFormat(query), value: shownDocument(stored, query) },
    }),
  };
}

/**
 * `If-Match: *` also creates a policy here, unlike the rest of Azure Resource Manager (ARM reference of
 * Microsoft.ApiManagement).
 */
function checkPrecondition({ headers, existing }: ResourceRequest): void {
  const wanted = headers.get('if-match');
  if (wanted === null || wanted === '*') return;
  const bare = (etag: string): string => etag.replace(/^W\//, '').replaceAll('"', '');
  if (existing !== undefined && bare(wanted) === bare(existing.etag)) return;
  throw new ArmError(
    412,
    'PreconditionFailed',
    'Resource was modified since last retrieval (ETag mismatch).',
  );
}

/** The document of a request body; links would have to be fetched and are refused. */
export function documentIn(request: ResourceRequest, type: string): { value: string; format: PolicyFormat } {
  const properties = objectAt(checkBody(schema, type, request.body), 'properties');
  const format = textAt(properties, 'format') ?? 'xml';
  if (format !== 'xml' && format !== 'rawxml') {
    request.fabric.log({ standIn: 'arm', level: 'warn', text: `policy format ${format} is not imitated` });
    throw new ArmError(501, 'NotImplemented', `The policy format '${format}' is not imitated.`);
  }
  return { value: textAt(properties, 'value') ?? '', format };
}

/** The configuration of the service that a resource belongs to. */
export function configurationOf(fabric: Fabric, id: string): ServiceConfiguration {
  const service = new Resources(fabric.store).get(serviceIdOf(id));
  if (service === undefined)
    throw new ArmError(404, 'ResourceNotFound', 'The API Management service was not found.');
  return new ServiceConfiguration(fabric, service);
}

export function shownFormat(query: URLSearchParams): PolicyFormat {
  return query.get('format') === 'rawxml' ? 'rawxml' : 'xml';
}

/**
 * The document re-indented, escaped unless `format=rawxml` was asked for (ARM reference of
 * Microsoft.ApiManagement).
 */
export function shownDocument(stored: StoredResource, query: URLSearchParams): string {
  const properties = objectAt(stored.body, 'properties');
  const format = textAt(properties, 'format') === 'rawxml' ? 'rawxml' : 'xml';
  return printPolicy(parsePolicy(textAt(properties, 'value') ?? '', format), shownFormat(query));
}

/** Ids of the policies and fragments of a service whose document contains `needle`. */
function documentsWith(fabric: Fabric, id: string, needle: RegExp): string[] {
  const configuration = configurationOf(fabric, id);
  return ['policies', 'apis/policies', 'apis/operations/policies', 'policyFragments']
    .flatMap((kind) => configuration.children(kind))
    .filter((item) => needle.test(textAt(objectAt(item.body, 'properties'), 'value') ?? ''))
    .map((item) => item.id);
}

/** Refuses to delete what a policy still names. */
export function refuseWhileUsed(request: ResourceRequest, what: string, needle: RegExp): void {
  const [user] = documentsWith(request.fabric, request.id, needle);
  if (user === undefined) return;
  throw validationError({
    target: what,
    message: `${what} '${request.name}' is used by '${user}' and cannot be deleted.`,
  });
}

export function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|-]/g, '\\$&');
}
