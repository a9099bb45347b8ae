import {
  BlobSASPermissions,
  BlobServiceClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  newPipeline,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { beforeEach, describe, expect, test } from 'vitest';
import { HOUR } from '../../../src/core/clock.ts';
import type { Principal, SmallCloud } from '../arm/small-cloud.ts';
import { ACCOUNT, BLOB, type Call, member, putAccount, ROLES, send, storageCloud } from './storage-cloud.ts';

let cloud: SmallCloud;
let writer: Principal;

beforeEach(async () => {
  cloud = await storageCloud();
  writer = await member(cloud, 'writer', ROLES.blobContributor);
  expect((await call('PUT', '/box?restype=container')).status).toBe(201);
});

function call(method: string, path: string, options: Call = {}): Promise<Response> {
  return send(cloud, method, BLOB + path, { as: writer, ...options });
}

function put(name: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return call('PUT', `/box/${name}`, { body, headers: { 'x-ms-blob-type': 'BlockBlob', ...headers } });
}

async function codeOf(response: Response): Promise<[number, string | null]> {
  return [response.status, response.headers.get('x-ms-error-code')];
}

describe('access', () => {
  test('without a token: 401 as XML with a challenge', async () => {
    const response = await send(cloud, 'GET', `${BLOB}/box/a`);
    expect(await codeOf(response)).toEqual([401, 'NoAuthenticationInformation']);
    expect(response.headers.get('www-authenticate')).toContain('resource_id=https://storage.azure.com');
    expect(await response.text()).toContain('<Code>NoAuthenticationInformation</Code>');
  });

  test('a token for another audience is refused', async () => {
    const authorization = `Bearer ${await writer.token('https://vault.azure.net')}`;
    const response = await send(cloud, 'GET', `${BLOB}/box/a`, { headers: { authorization } });
    expect(await codeOf(response)).toEqual([401, 'InvalidAuthenticationInfo']);
  });

  test('the owner of the subscription may make containers but not read blobs', async () => {
    expect((await call('PUT', '/other?restype=container', { as: cloud.owner })).status).toBe(201);
    await put('a', 'text');
    expect(await codeOf(await call('GET', '/box/a', { as: cloud.owner }))).toEqual([
      403,
      'AuthorizationPermissionMismatch',
    ]);
  });

  test('a reader reads and cannot write, delete or make containers', async () => {
    const reader = await member(cloud, 'reader', ROLES.blobReader);
    await put('a', 'text');
    expect(await (await call('GET', '/box/a', { as: reader })).text()).toBe('text');
    const forbidden = [403, 'AuthorizationPermissionMismatch'];
    const blockBlob = { 'x-ms-blob-type': 'BlockBlob' };
    expect(await codeOf(await call('PUT', '/box/a', { as: reader, headers: blockBlob, body: 'x' }))).toEqual(
      forbidden,
    );
    expect(await codeOf(await call('DELETE', '/box/a', { as: reader }))).toEqual(forbidden);
    expect(await codeOf(await call('PUT', '/more?restype=container', { as: reader }))).toEqual(forbidden);
  });

  test('a role on one container does not open another', async () => {
    await call('PUT', '/two?restype=container');
    await put('a', 'text');
    const scope = `${ACCOUNT}/blobServices/default/containers/two`;
    const guest = await member(cloud, 'guest', ROLES.blobReader, scope);
    expect((await call('GET', '/two?restype=container&comp=list', { as: guest })).status).toBe(200);
    expect((await call('GET', '/box/a', { as: guest })).status).toBe(403);
  });

  test('x-ms-version is required and must be known', async () => {
    const authorization = `Bearer ${await writer.token('https://storage.azure.com')}`;
    const none = await cloud.fetch(new Request(`${BLOB}/box/a`, { headers: { authorization } }));
    expect(await codeOf(none)).toEqual([400, 'MissingRequiredHeader']);
    const future = await call('GET', '/box/a', { headers: { 'x-ms-version': '2099-01-01' } });
    expect(await codeOf(future)).toEqual([400, 'InvalidHeaderValue']);
  });

  test('a closed account and an unknown one', async () => {
    await putAccount(cloud, { publicNetworkAccess: 'Disabled' });
    expect(await codeOf(await call('GET', '/box/a'))).toEqual([403, 'AuthorizationFailure']);
    await expect(send(cloud, 'GET', 'https://acct2.blob.core.windows.net/box/a')).rejects.toThrow(
      'unknown host',
    );
  });

  test('shared keys: refused where forbidden, not imitated elsewhere', async () => {
    const headers = { authorization: 'SharedKey acct1:c2ln' };
    expect((await send(cloud, 'GET', `${BLOB}/box/a`, { headers })).status).toBe(501);
    await putAccount(cloud, { allowSharedKeyAccess: false });
    const refused = await send(cloud, 'GET', `${BLOB}/box/a`, { headers });
    expect(await codeOf(refused)).toEqual([403, 'KeyBasedAuthenticationNotPermitted']);
  });
});

describe('containers', () => {
  test('exist once, in both planes', async () => {
    expect(await codeOf(await call('PUT', '/box?restype=container'))).toEqual([
      409,
      'ContainerAlreadyExists',
    ]);
    const arm = await cloud.arm('GET', `${ACCOUNT}/blobServices/default/containers`);
    expect(arm.body.value.map((item: { name: string }) => item.name)).toEqual(['box']);
    await put('a', 'text');
    await cloud.arm('DELETE', `${ACCOUNT}/blobServices/default/containers/box`);
    expect(await codeOf(await call('GET', '/box/a'))).toEqual([404, 'ContainerNotFound']);
    await cloud.arm('PUT', `${ACCOUNT}/blobServices/default/containers/box`, {});
    expect(await codeOf(await call('GET', '/box/a'))).toEqual([404, 'BlobNotFound']);
  });

  test('bad names are refused', async () => {
    expect(await codeOf(await call('PUT', '/Bad_Name?restype=container'))).toEqual([
      400,
      'InvalidResourceName',
    ]);
  });

  test('metadata is kept and listed, deletion ends it', async () => {
    await call('PUT', '/meta?restype=container', { headers: { 'x-ms-meta-kind': 'test' } });
    const read = await call('HEAD', '/meta?restype=container');
    expect(read.headers.get('x-ms-meta-kind')).toBe('test');
    const list = await (await call('GET', '/?comp=list&include=metadata&prefix=me')).text();
    expect(list).toContain('<Metadata><kind>test</kind></Metadata>');
    expect((await call('DELETE', '/meta?restype=container')).status).toBe(202);
    expect((await call('HEAD', '/meta?restype=container')).status).toBe(404);
  });

  test('what is not imitated says so', async () => {
    expect((await call('GET', '/box?restype=container&comp=acl')).status).toBe(501);
    expect((await call('PUT', '/box/a?comp=lease')).status).toBe(501);
    expect((await put('p', '', { 'x-ms-blob-type': 'PageBlob' })).status).toBe(501);
    expect((await put('p', '', { 'x-ms-copy-source': 'https://x.example/' })).status).toBe(501);
    expect(cloud.log.filter(({ standIn }) => standIn === 'storage')).toHaveLength(4);
  });
});

describe('blobs', () => {
  test('headers and metadata come back', async () => {
    const written = await put('a/b c.json', '{}', {
      'x-ms-blob-content-type': 'application/json',
      'x-ms-meta-who': 'me',
    });
    expect(written.status).toBe(201);
    const read = await call('GET', '/box/a/b%20c.json');
    expect(Object.fromEntries(read.headers)).toMatchObject({
      'content-type': 'application/json',
      'content-length': '2',
      'x-ms-meta-who': 'me',
      'x-ms-blob-type': 'BlockBlob',
      etag: written.headers.get('etag'),
    });
    const head = await call('HEAD', '/box/a/b%20c.json');
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '2', '']);
  });

  test('ranges', async () => {
    await put('a', '0123456789');
    const middle = await call('GET', '/box/a', { headers: { 'x-ms-range': 'bytes=2-4' } });
    expect([middle.status, middle.headers.get('content-range'), await middle.text()]).toEqual([
      206,
      'bytes 2-4/10',
      '234',
    ]);
    const open = await call('GET', '/box/a', { headers: { range: 'bytes=7-' } });
    expect(await open.text()).toBe('789');
    const beyond = await call('GET', '/box/a', { headers: { range: 'bytes=10-' } });
    expect(await codeOf(beyond)).toEqual([416, 'InvalidRange']);
  });

  test('conditions on reads and writes', async () => {
    const etag = (await put('a', '1')).headers.get('etag') ?? '';
    expect((await call('GET', '/box/a', { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect(await codeOf(await call('GET', '/box/a', { headers: { 'if-match': '"0x0"' } }))).toEqual([
      412,
      'ConditionNotMet',
    ]);
    expect(await codeOf(await put('a', '2', { 'if-none-match': '*' }))).toEqual([409, 'BlobAlreadyExists']);
    expect(await codeOf(await put('a', '2', { 'if-match': '"0x0"' }))).toEqual([412, 'ConditionNotMet']);
    expect((await put('a', '2', { 'if-match': etag })).status).toBe(201);
    expect(await codeOf(await call('DELETE', '/box/a', { headers: { 'if-match': etag } }))).toEqual([
      412,
      'ConditionNotMet',
    ]);
    expect(await codeOf(await put('new', '2', { 'if-match': '*' }))).toEqual([412, 'ConditionNotMet']);
  });

  test('a wrong MD5, a lease, a missing kind', async () => {
    expect(await codeOf(await put('a', '1', { 'content-md5': 'AAAA' }))).toEqual([400, 'Md5Mismatch']);
    expect(await codeOf(await put('a', '1', { 'x-ms-lease-id': 'x' }))).toEqual([
      412,
      'LeaseNotPresentWithBlobOperation',
    ]);
    expect(await codeOf(await call('PUT', '/box/a', { body: '1' }))).toEqual([400, 'MissingRequiredHeader']);
  });

  test('metadata and properties are replaced', async () => {
    await put('a', '1', { 'x-ms-meta-one': '1', 'x-ms-blob-content-type': 'text/plain' });
    expect((await call('PUT', '/box/a?comp=metadata', { headers: { 'x-ms-meta-two': '2' } })).status).toBe(
      200,
    );
    const headers = { 'x-ms-blob-content-type': 'text/csv' };
    expect((await call('PUT', '/box/a?comp=properties', { headers })).status).toBe(200);
    const read = await call('GET', '/box/a');
    expect(read.headers.get('x-ms-meta-one')).toBeNull();
    expect([read.headers.get('x-ms-meta-two'), read.headers.get('content-type')]).toEqual(['2', 'text/csv']);
  });

  test('blocks are staged, listed, committed in the order named, and forgotten', async () => {
    const [one, two] = ['MDE=', 'MDI='];
    await call('PUT', `/box/a?comp=block&blockid=${encodeURIComponent(one ?? '')}`, { body: 'one ' });
    await call('PUT', `/box/a?comp=block&blockid=${encodeURIComponent(two ?? '')}`, { body: 'two ' });
    expect(await (await call('GET', '/box/a?comp=blocklist&blocklisttype=all')).text()).toContain(
      '<UncommittedBlocks><Block>',
    );
    expect((await call('GET', '/box/a')).status).toBe(404);
    const list = `<?xml version="1.0" encoding="utf-8"?><BlockList><Latest>${two}</Latest><Latest>${one}</Latest></BlockList>`;
    expect((await call('PUT', '/box/a?comp=blocklist', { body: list })).status).toBe(201);
    expect(await (await call('GET', '/box/a')).text()).toBe('two one ');
    const missing = '<BlockList><Uncommitted>MDM=</Uncommitted></BlockList>';
    expect(await codeOf(await call('PUT', '/box/a?comp=blocklist', { body: missing }))).toEqual([
      400,
      'InvalidBlockList',
    ]);
    const nested = '<!DOCTYPE x [<!ENTITY a "b">]><BlockList><Latest>&a;</Latest></BlockList>';
    expect(await codeOf(await call('PUT', '/box/a?comp=blocklist', { body: nested }))).toEqual([
      400,
      'InvalidXmlDocument',
    ]);
    expect(await codeOf(await call('PUT', '/box/a?comp=block&blockid=%20', { body: 'x' }))).toEqual([
      400,
      'InvalidQueryParameterValue',
    ]);
  });

  test('lists by prefix, folder and page', async () => {
    for (const name of ['x/1', 'x/2', 'x/y/3', 'z']) await put(name, name);
    const names = async (query: string): Promise<string[]> => {
      const xml = await (await call('GET', `/box?restype=container&comp=list${query}`)).text();
      return [...xml.matchAll(/<Name>([^<]*)<\/Name>/g)].map((match) => match[1] ?? '');
    };
    expect(await names('')).toEqual(['x/1', 'x/2', 'x/y/3', 'z']);
    expect(await names('&prefix=x/&delimiter=/')).toEqual(['x/1', 'x/2', 'x/y/']);
    expect(await names('&prefix=x/y')).toEqual(['x/y/3']);
    const first = await (await call('GET', '/box?restype=container&comp=list&maxresults=3')).text();
    const marker = /<NextMarker>([^<]+)</.exec(first)?.[1] ?? '';
    expect(await names(`&marker=${marker}`)).toEqual(['z']);
    expect((await call('GET', '/box?restype=container&comp=list&maxresults=0')).status).toBe(400);
  });
});

describe('the client of Azure, unmodified', () => {
  const clientOf = (principal: Principal): BlobServiceClient =>
    new BlobServiceClient(
      BLOB,
      newPipeline(principal.credential as never, { httpClient: cloud.httpClient as never }),
    );

  test('uploads (whole and in blocks), downloads, lists over pages, deletes', async () => {
    const container = clientOf(writer).getContainerClient('sdk');
    await container.create();
    const blob = container.getBlockBlobClient('folder/file.ndjson');
    await blob.upload('{"a":1}\n', 8, { blobHTTPHeaders: { blobContentType: 'application/fhir+ndjson' } });
    const read = await blob.download();
    expect(read.contentType).toBe('application/fhir+ndjson');
    const big = Buffer.alloc(3 * 1024 * 1024, 'abc');
    await container
      .getBlockBlobClient('big')
      .uploadData(big, { blockSize: 1024 * 1024, maxSingleShotSize: 1024 });
    expect((await container.getBlockBlobClient('big').downloadToBuffer()).equals(big)).toBe(true);
    const names: string[] = [];
    for await (const page of container.listBlobsFlat().byPage({ maxPageSize: 1 })) {
      names.push(...page.segment.blobItems.map((item) => item.name));
    }
    expect(names).toEqual(['big', 'folder/file.ndjson']);
    expect(await container.getBlockBlobClient('nothing').exists()).toBe(false);
    await blob.delete();
    await container.delete();
    expect(await container.exists()).toBe(false);
  });

  test('signs links with a delegation key; they end with their time, their blob and their letters', async () => {
    await put('a', 'secret');
    const client = clientOf(writer);
    const start = new Date(cloud.clock.now() - 60_000);
    const end = new Date(cloud.clock.now() + HOUR);
    const key = await client.getUserDelegationKey(start, end);
    const sign = (permissions: string, version?: string): string =>
      generateBlobSASQueryParameters(
        {
          containerName: 'box',
          blobName: 'a',
          permissions: BlobSASPermissions.parse(permissions),
          startsOn: start,
          expiresOn: end,
          contentType: 'application/fhir+ndjson',
          ...(version === undefined ? {} : { version }),
        },
        key,
        'acct1',
      ).toString();
    for (const version of [undefined, '2024-11-04', '2025-07-05']) {
      const read = await send(cloud, 'GET', `${BLOB}/box/a?${sign('r', version)}`);
      expect([read.status, read.headers.get('content-type')]).toEqual([200, 'application/fhir+ndjson']);
    }
    const refused = async (method: string, url: string): Promise<[number, string | null]> =>
      codeOf(await send(cloud, method, url, { headers: { 'x-ms-blob-type': 'BlockBlob' } }));
    expect(await refused('PUT', `${BLOB}/box/a?${sign('r')}`)).toEqual([
      403,
      'AuthorizationPermissionMismatch',
    ]);
    expect(await refused('GET', `${BLOB}/box/b?${sign('r')}`)).toEqual([403, 'AuthenticationFailed']);
    expect(await refused('GET', `${BLOB}/box/a?${sign('r').replace('sp=r', 'sp=rw')}`)).toEqual([
      403,
      'AuthenticationFailed',
    ]);
    expect(await refused('GET', `${BLOB}/box/a?${sign('r')}&sp=r`)).toEqual([403, 'AuthenticationFailed']);
    cloud.clock.advance(HOUR + 1000);
    expect(await refused('GET', `${BLOB}/box/a?${sign('r')}`)).toEqual([403, 'AuthenticationFailed']);
  });

  test('a delegated link can do no more than the one it stands for', async () => {
    await put('a', 'text');
    const reader = await member(cloud, 'reader', ROLES.blobReader);
    const end = new Date(cloud.clock.now() + HOUR);
    const start = new Date(cloud.clock.now());
    const key = await clientOf(reader).getUserDelegationKey(start, end);
    const permissions = ContainerSASPermissions.parse('rwd');
    const sas = generateBlobSASQueryParameters(
      { containerName: 'box', permissions, startsOn: start, expiresOn: end },
      key,
      'acct1',
    );
    expect((await send(cloud, 'GET', `${BLOB}/box/a?${sas}`)).status).toBe(200);
    expect((await send(cloud, 'DELETE', `${BLOB}/box/a?${sas}`)).status).toBe(403);
  });

  test('without a role no key is given, and none for longer than a week', async () => {
    const nobody = clientOf(cloud.principal('nobody'));
    const start = new Date(cloud.clock.now());
    await expect(nobody.getUserDelegationKey(start, new Date(start.getTime() + HOUR))).rejects.toMatchObject({
      statusCode: 403,
    });
    const late = new Date(start.getTime() + 8 * 24 * HOUR);
    await expect(clientOf(writer).getUserDelegationKey(start, late)).rejects.toMatchObject({
      statusCode: 400,
    });
  });

  test('links signed with the account key hold until the key changes', async () => {
    await put('a', 'text');
    const keys = await cloud.arm('POST', `${ACCOUNT}/listKeys`);
    const credential = new StorageSharedKeyCredential('acct1', keys.body.keys[0].value);
    const permissions = ContainerSASPermissions.parse('rl');
    const expiresOn = new Date(cloud.clock.now() + HOUR);
    const sas = generateBlobSASQueryParameters(
      { containerName: 'box', permissions, expiresOn },
      credential,
    ).toString();
    expect((await send(cloud, 'GET', `${BLOB}/box/a?${sas}`)).status).toBe(200);
    expect((await send(cloud, 'GET', `${BLOB}/box?restype=container&comp=list&${sas}`)).status).toBe(200);
    await putAccount(cloud, { allowSharedKeyAccess: false });
    expect(await codeOf(await send(cloud, 'GET', `${BLOB}/box/a?${sas}`))).toEqual([
      403,
      'KeyBasedAuthenticationNotPermitted',
    ]);
    await putAccount(cloud, {});
    await cloud.arm('POST', `${ACCOUNT}/regenerateKey`, { keyName: 'key1' });
    expect(await codeOf(await send(cloud, 'GET', `${BLOB}/box/a?${sas}`))).toEqual([
      403,
      'AuthenticationFailed',
    ]);
  });
});
