import schema from '../../schemas/microsoft.storage.json' with { type: 'json' };
import { dropEntities } from '../../storage/table-store.ts';
import { isTableName, TABLE_TYPE } from '../../storage/tables.ts';
import { checkBody } from '../body-check.ts';
import { ArmError, type ResourceRequest, type ResourceType } from '../resource-type.ts';
import { STORAGE_VERSIONS } from './storage-accounts.ts';

/** Tables, seen from Azure Resource Manager; the data plane sees the same ones. */
export const storageTables: ResourceType = {
  type: TABLE_TYPE,
  apiVersions: STORAGE_VERSIONS,
  putStatus: { created: 200, updated: 200 },
  write(request: ResourceRequest) {
    if (!isTableName(request.name)) {
      throw new ArmError(
        400,
        'TableOperationFailure',
        'The specified resource name contains invalid characters.',
      );
    }
    const { properties } = checkBody(schema, TABLE_TYPE, request.body);
    const asked = (properties ?? {}) as { signedIdentifiers?: unknown[] };
    if ((asked.signedIdentifiers?.length ?? 0) > 0) {
      request.fabric.log({ standIn: 'arm', level: 'warn', text: 'stored access policies are not imitated' });
      throw new ArmError(501, 'NotImplemented', 'Stored access policies of tables are not imitated.');
    }
    return { properties: { tableName: request.name } };
  },
  afterDelete: ({ fabric, id }) => dropEntities(fabric, id),
};
