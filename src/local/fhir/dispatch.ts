import { conditionalCreate, conditionalDelete, conditionalUpdate } from './conditional.ts';
import { create, patch, purgeHistory, read, readVersion, remove, update } from './crud.ts';
import { everything } from './everything.ts';
import { FhirError, NotImitated, notFound } from './fhir-error.ts';
import { history } from './history.ts';
import type { Interaction, Reply } from './interaction.ts';
import { isId } from './resource.ts';
import { compartmentSearch, search } from './search/search-interaction.ts';
import { isResourceType } from './store/reference.ts';

/** Operations the real service has and this one does not. */
const OTHER_OPERATIONS = new Set(
  '$validate $convert-data $member-match $import $reindex $bulk-delete $bulk-update $bulk-delete-soft-deleted $docref $expand $status $versions $includes'.split(
    ' ',
  ),
);

/**
 * Leads one interaction to what it asks for. Bundles and asynchronous operations are handled before.
 *
 * @throws FhirError
 */
export function dispatch(interaction: Interaction): Reply {
  const { method, path } = interaction;
  const operation = path.at(-1);
  if (operation?.startsWith('$') === true) return runOperation(interaction, operation);
  const [type, id, third, version] = path;
  if (type === undefined || type === '_search' || type === '_history') return systemLevel(interaction, type);
  if (!isResourceType(type)) throw notFound(`Resource type '${type}' is not supported.`);
  if (id === undefined) return typeLevel(interaction, type);
  if (id === '_search') return only(method, 'POST', () => search(interaction, type));
  if (id === '_history') return only(method, 'GET', () => history(interaction, type, undefined));
  if (!isId(id)) throw notFound(`Resource type '${type}' with id '${id}' couldn't be found.`);
  if (third === undefined) return instanceLevel(interaction, type, id);
  if (path.length > 4) throw notFound('The requested route was not found.');
  if (third !== '_history') {
    if (version !== undefined) throw notFound('The requested route was not found.');
    return only(method, 'GET', () => compartmentSearch(interaction, type, id, third));
  }
  if (version === undefined) return only(method, 'GET', () => history(interaction, type, id));
  return only(method, 'GET', () => readVersion(interaction, type, id, version));
}

function systemLevel(interaction: Interaction, segment: string | undefined): Reply {
  const { method, path } = interaction;
  if (path.length > 1) throw notFound('The requested route was not found.');
  if (segment === '_history') return only(method, 'GET', () => history(interaction, undefined, undefined));
  return only(method, segment === '_search' ? 'POST' : 'GET', () => search(interaction, undefined));
}

function typeLevel(interaction: Interaction, type: string): Reply {
  switch (interaction.method) {
    case 'GET':
      return search(interaction, type);
    case 'POST': {
      const criteria = interaction.headers.get('if-none-exist');
      return criteria === null ? create(interaction, type) : conditionalCreate(interaction, type, criteria);
    }
    case 'PUT':
      return conditionalUpdate(interaction, type);
    case 'DELETE':
      return conditionalDelete(interaction, type);
    case 'PATCH':
      throw new NotImitated('Conditional patch');
    default:
      throw notAllowed();
  }
}

function instanceLevel(interaction: Interaction, type: string, id: string): Reply {
  switch (interaction.method) {
    case 'GET':
      return read(interaction, type, id);
    case 'PUT':
      return update(interaction, type, id);
    case 'PATCH':
      return patch(interaction, type, id);
    case 'DELETE':
      return remove(interaction, type, id);
    default:
      throw notAllowed();
  }
}

function runOperation(interaction: Interaction, operation: string): Reply {
  const { method, path } = interaction;
  const [type, id] = path;
  if (operation === '$everything' && path.length === 3 && type === 'Patient' && id !== undefined) {
    return only(method, 'GET', () => everything(interaction, id));
  }
  if (
    operation === '$purge-history' &&
    path.length === 3 &&
    type !== undefined &&
    id !== undefined &&
    isResourceType(type)
  ) {
    return only(method, 'DELETE', () => purgeHistory(interaction, type, id));
  }
  if (OTHER_OPERATIONS.has(operation)) throw new NotImitated(`The operation ${operation}`);
  throw notFound('The requested route was not found.');
}

function only(method: string, allowed: string, run: () => Reply): Reply {
  if (method !== allowed) throw notAllowed();
  return run();
}

function notAllowed(): FhirError {
  return new FhirError(405, 'not-supported', 'The requested operation is not supported.');
}
