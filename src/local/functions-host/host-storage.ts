import { HOST_SECRETS_CONTAINER } from '../beliefs.ts';
import type { Fabric } from '../fabric.ts';
import { identityAuthorization } from './managed-identity.ts';
import { STORAGE_RESOURCE, STORAGE_VERSION } from './publish.ts';
import { appSettings } from './site-records.ts';

/**
 * Opens the host's own storage, where it keeps its keys: the app's identity must be allowed to use it, or nothing runs.
 *
 * @throws Error that says what is missing
 */
export async function openHostStorage(fabric: Fabric, siteId: string): Promise<void> {
  const { values } = appSettings(fabric, siteId);
  const account = values['AzureWebJobsStorage__accountName'];
  const service =
    values['AzureWebJobsStorage__blobServiceUri'] ??
    (account === undefined ? undefined : `https://${account}.blob.core.windows.net`);
  if (service === undefined) {
    throw new Error(
      'the setting AzureWebJobsStorage__accountName is missing (connection strings are not supported)',
    );
  }
  const url = `${service.replace(/\/+$/, '')}/${HOST_SECRETS_CONTAINER}?restype=container`;
  const response = await fabric.fetch(
    new Request(url, {
      method: 'PUT',
      headers: {
        authorization: await identityAuthorization(fabric, siteId, STORAGE_RESOURCE),
        'x-ms-version': STORAGE_VERSION,
      },
    }),
  );
  if (response.status !== 201 && response.status !== 409) {
    throw new Error(`AzureWebJobsStorage answered ${response.status}: the app's identity may not use it`);
  }
}
