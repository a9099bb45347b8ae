import { createHash, createHmac } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { HOUR } from '../../../src/core/clock.ts';
import type { Principal, SmallCloud } from '../arm/small-cloud.ts';
import { ACCOUNT, BLOB, type Call, member, putAccount, ROLES, send, storageCloud } from './storage-cloud.ts';

const NOBODY = '99999999-0000-4000-8000-000000000000';

let cloud: SmallCloud;
let writer: Principal;
let key: string;

/** One account for the file; every test has blobs of its own, so that no order matters. */
beforeAll(async () => {
  cloud = await storageCloud();
  await putAccount(cloud, { allowSharedKeyAccess: true });
  writer = await member(cloud, 'writer', ROLES.blobContributor);
  await call('PUT', '/box?restype=container');
  key = (await cloud.arm('POST', `${ACCOUNT}/listKeys`)).body.keys[0].value;
  await put('seed', '0123456789');
});

function call(method: string, path: string, options: Call = {}): Promise<Response> {
  return send(cloud, method, BLOB + path, { as: writer, ...options });
}

function put(name: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return call('PUT', `/box/${name}`, { body, headers: { 'x-ms-blob-type': 'BlockBlob', ...headers } });
}

async function outcome(response: Promise<Response>): Promise<string> {
  const { status, headers } = await response;
  return `${status} ${headers.get('x-ms-error-code') ?? ''}`.trim();
}

/** HTTP date this many seconds from the cloud's now. */
function date(seconds: number): string {
  return new Date(cloud.clock.now() + seconds * 1000).toUTCString();
}

describe('routes', () => {
  test.each([
    ['PUT', '/seed?comp=snapshot'],
    ['PUT', '/seed?comp=tier'],
    ['PUT', '/seed?comp=tags'],
    ['PUT', '/seed?comp=copy'],
    ['POST', '/seed'],
    ['GET', '/seed?snapshot=2026-01-01T00:00:00Z'],
    ['DELETE', '/seed?versionid=2026-01-01T00:00:00Z'],
  ])('%s %s of a blob is not imitated, and the log says so', async (method, path) => {
    const before = cloud.log.length;
    expect((await call(method, `/box${path}`)).status).toBe(501);
    expect(cloud.log.slice(before)).toMatchObject([{ standIn: 'storage', level: 'warn' }]);
  });

  test.each([
    ['GET', '/?comp=properties&restype=service'],
    ['GET', '/?comp=blobs&where=x'],
    ['GET', '/?comp=list&include=deleted'],
    ['POST', '/?comp=batch'],
    ['PUT', '/box'],
    ['PUT', '/box?restype=directory'],
    ['PUT', '/box?restype=container&comp=undelete'],
    ['GET', '/box?restype=container&comp=list&include=snapshots,nonsense'],
    ['GET', '/box/seed?restype=container'],
    ['GET', '/box?comp=constructor'],
  ])('%s %s is not imitated', async (method, path) => {
    expect((await call(method, path)).status).toBe(501);
  });

  test('a path that is no UTF-8 is refused', async () => {
    expect(await outcome(call('GET', '/box/%ff'))).toBe('400 InvalidUri');
  });

  test.each([
    ['GET', '/none?restype=container', 404],
    ['HEAD', '/none?restype=container&comp=metadata', 404],
    ['PUT', '/none?restype=container&comp=metadata', 404],
    ['DELETE', '/none?restype=container', 404],
    ['GET', '/none?restype=container&comp=list', 404],
    ['PUT', '/none/a?comp=block&blockid=MDE%3D', 404],
    ['PUT', '/none/a?comp=blocklist', 404],
    ['GET', '/none/a?comp=blocklist', 404],
    ['PUT', '/none/a?comp=properties', 404],
    ['DELETE', '/none/a', 404],
  ])('%s %s: no such container', async (method, path, status) => {
    const body = path.endsWith('blocklist') && method === 'PUT' ? { body: '<BlockList/>' } : {};
    expect((await call(method, path, body)).status).toBe(status);
  });

  test.each(['GET', 'HEAD', 'DELETE', 'GET ?comp=blocklist', 'PUT ?comp=metadata', 'PUT ?comp=properties'])(
    '%s of a blob nobody made',
    async (route) => {
      const [method = '', query = ''] = route.split(' ');
      expect(await outcome(call(method, `/box/nobody-made${query}`))).toBe('404 BlobNotFound');
    },
  );

  test('the request id of the client comes back, unless it is too long', async () => {
    const of = async (id: string) =>
      (await call('GET', '/box/seed', { headers: { 'x-ms-client-request-id': id } })).headers.get(
        'x-ms-client-request-id',
      );
    expect(await of('x'.repeat(1024))).toBe('x'.repeat(1024));
    expect(await of('x'.repeat(1025))).toBeNull();
  });
});

describe('containers', () => {
  test.each(['ab', 'a'.repeat(64), '-abc', 'abc-', 'a--b', 'Abc', 'a_b', 'a.b'])(
    '%s is no name',
    async (name) => {
      expect(await outcome(call('PUT', `/${name}?restype=container`))).toBe('400 InvalidResourceName');
    },
  );

  test.each(['abc', 'a-b', '0a0', 'a'.repeat(63)])('%s is a name', async (name) => {
    expect((await call('PUT', `/${name}?restype=container`)).status).toBe(201);
  });

  test('public access and encryption scopes are not imitated', async () => {
    const headers = { 'x-ms-blob-public-access': 'blob' };
    expect((await call('PUT', '/public?restype=container', { headers })).status).toBe(501);
  });

  test('metadata is replaced, under conditions', async () => {
    const made = await call('PUT', '/replaced?restype=container', { headers: { 'x-ms-meta-one': '1' } });
    const path = '/replaced?restype=container&comp=metadata';
    const set = (headers: Record<string, string>) => call('PUT', path, { headers });
    expect(await outcome(set({ 'if-match': '"0x0"' }))).toBe('412 ConditionNotMet');
    const changed = await set({ 'x-ms-meta-two': '2' });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(made.headers.get('etag'));
    const read = await call('GET', path);
    expect([read.headers.get('x-ms-meta-one'), read.headers.get('x-ms-meta-two')]).toEqual([null, '2']);
    expect(await outcome(set({ 'x-ms-meta-bad-name': 'x' }))).toBe('400 InvalidMetadata');
    expect(await outcome(set({ 'x-ms-meta-long': 'x'.repeat(8192) }))).toBe('400 MetadataTooLarge');
    expect(await outcome(set({ 'x-ms-lease-id': 'x' }))).toMatch(/^412 LeaseNotPresent/);
    const reader = await member(cloud, 'reader', ROLES.blobReader);
    expect(await outcome(call('PUT', path, { as: reader }))).toBe('403 AuthorizationPermissionMismatch');
  });

  test('lists go on where their page ended', async () => {
    for (const name of ['page-1', 'page-2', 'page-3']) await call('PUT', `/${name}?restype=container`);
    const page = async (query: string) => (await call('GET', `/?comp=list&prefix=page-${query}`)).text();
    const first = await page('&maxresults=2');
    expect([...first.matchAll(/<Name>(.*?)</g)].map((match) => match[1])).toEqual(['page-1', 'page-2']);
    const marker = /<NextMarker>(.+?)</.exec(first)?.[1] ?? '';
    expect([...(await page(`&marker=${marker}`)).matchAll(/<Name>(.*?)</g)].map((m) => m[1])).toEqual([
      'page-3',
    ]);
    expect(await outcome(call('GET', '/?comp=list&maxresults=x'))).toBe('400 OutOfRangeQueryParameterValue');
  });
});

describe('conditions', () => {
  test.each<[string, Record<string, () => string>, string]>([
    ['changed since an hour ago', { 'if-modified-since': () => date(-3600) }, '200'],
    ['not changed since now', { 'if-modified-since': () => date(0) }, '304 ConditionNotMet'],
    ['unchanged since now', { 'if-unmodified-since': () => date(0) }, '200'],
    [
      'changed since an hour ago, refused',
      { 'if-unmodified-since': () => date(-3600) },
      '412 ConditionNotMet',
    ],
    ['a date that is none', { 'if-modified-since': () => 'yesterday' }, '400 InvalidHeaderValue'],
    ['anything', { 'if-match': () => '*' }, '200'],
    ['nothing', { 'if-none-match': () => '*' }, '304 ConditionNotMet'],
    ['another version', { 'if-none-match': () => '"0x1"', 'if-modified-since': () => date(0) }, '200'],
  ])('a read of %s', async (_, headers, expected) => {
    const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value()]));
    expect(await outcome(call('GET', '/box/seed', { headers: given }))).toBe(expected);
  });

  test('a write of what changed, or did not', async () => {
    await put('dated', '1');
    expect(await outcome(put('dated', '2', { 'if-unmodified-since': date(-3600) }))).toBe(
      '412 ConditionNotMet',
    );
    expect(await outcome(put('dated', '2', { 'if-modified-since': date(0) }))).toBe('412 ConditionNotMet');
    const etag = (await put('dated', '2', { 'if-modified-since': date(-3600) })).headers.get('etag') ?? '';
    expect(await outcome(put('dated', '3', { 'if-none-match': etag }))).toBe('412 ConditionNotMet');
    expect(await outcome(put('dated', '3', { 'if-match': `"0x1", ${etag}` }))).toBe('201');
    expect(await outcome(call('DELETE', '/box/dated', { headers: { 'if-none-match': '*' } }))).not.toBe(
      '202',
    );
  });
});

describe('content', () => {
  test.each([
    ['bytes=0-0', '206', '0'],
    ['bytes=9-9', '206', '9'],
    ['bytes=5-100', '206', '56789'],
    ['bytes=-3', '200', '0123456789'],
    ['bytes=1-2,4-5', '200', '0123456789'],
    ['lines=1-2', '200', '0123456789'],
    ['bytes=5-4', '416 InvalidRange', undefined],
  ])('range %s', async (range, expected, text) => {
    const response = await call('GET', '/box/seed', { headers: { range } });
    expect(await outcome(Promise.resolve(response))).toBe(expected);
    if (text !== undefined) expect(await response.text()).toBe(text);
  });

  test('the MD5 of a range comes with it, and that of the whole beside it', async () => {
    const headers = { 'x-ms-range': 'bytes=0-3', 'x-ms-range-get-content-md5': 'true' };
    const read = await call('GET', '/box/seed', { headers });
    const md5 = (text: string) => createHash('md5').update(text).digest('base64');
    expect(read.headers.get('content-md5')).toBe(md5('0123'));
    expect(read.headers.get('x-ms-blob-content-md5')).toBe(md5('0123456789'));
    await put('large', 'x'.repeat(4 * 1024 * 1024 + 1));
    const large = { ...headers, 'x-ms-range': 'bytes=0-' };
    expect(await outcome(call('GET', '/box/large', { headers: large }))).toBe('400 OutOfRangeInput');
  });

  test.each([
    'x-ms-copy-source',
    'x-ms-encryption-key',
    'x-ms-tags',
    'x-ms-if-tags',
    'x-ms-legal-hold',
    'x-ms-content-crc64',
  ])('%s is not imitated', async (name) => {
    expect((await put('refused', '1', { [name]: 'x' })).status).toBe(501);
    expect(await outcome(call('GET', '/box/refused'))).toBe('404 BlobNotFound');
  });

  test('names end at 1024 characters', async () => {
    expect((await put('n'.repeat(1024), '')).status).toBe(201);
    expect(await outcome(put('n'.repeat(1025), ''))).toBe('400 InvalidResourceName');
    expect(await outcome(put('n/'.repeat(254).concat('n'), ''))).toBe('400 InvalidResourceName');
  });

  test('names that XML cannot hold are listed encoded', async () => {
    await call('PUT', '/odd?restype=container');
    await call('PUT', '/odd/a%01b', { body: '', headers: { 'x-ms-blob-type': 'BlockBlob' } });
    await call('PUT', '/odd/a&b', { body: '', headers: { 'x-ms-blob-type': 'BlockBlob' } });
    const xml = await (await call('GET', '/odd?restype=container&comp=list')).text();
    expect(xml).not.toContain('\u0001');
    expect(xml).toContain('<Name>a&amp;b</Name>');
    expect(xml).toMatch(/<Name Encoded="true">a%01b<\/Name>/);
  });
});

describe('blocks', () => {
  const block = (name: string, id: string, body = id) =>
    call('PUT', `/box/${name}?comp=block&blockid=${encodeURIComponent(id)}`, { body });
  const commit = (name: string, list: string) => call('PUT', `/box/${name}?comp=blocklist`, { body: list });

  test.each(['', '!!', 'MDE', Buffer.alloc(65).toString('base64')])('the id %j is refused', async (id) => {
    expect(await outcome(block('ids', id))).toBe('400 InvalidQueryParameterValue');
  });

  test('the ids of a blob are of one length', async () => {
    await block('lengths', 'MDE=');
    expect(await outcome(block('lengths', 'MDAwMQ=='))).toBe('400 InvalidBlobOrBlock');
  });

  test.each([
    ['no list', '<Blocks/>'],
    ['a block within a block', '<BlockList><Latest><a/></Latest></BlockList>'],
    ['a block with attributes', '<BlockList><Latest x="1">MDE=</Latest></BlockList>'],
    ['text between', '<BlockList>MDE=</BlockList>'],
    ['a comment', '<BlockList><!-- x --></BlockList>'],
  ])('%s is no block list', async (_, xml) => {
    expect(await outcome(commit('lists', xml))).toBe('400 InvalidXmlDocument');
  });

  test('committed, uncommitted and latest blocks are told apart', async () => {
    await block('kinds', 'MDE=', 'old');
    expect(await outcome(commit('kinds', '<BlockList><Committed>MDE=</Committed></BlockList>'))).toBe(
      '400 InvalidBlockList',
    );
    expect((await commit('kinds', '<BlockList><Uncommitted>MDE=</Uncommitted></BlockList>')).status).toBe(
      201,
    );
    await block('kinds', 'MDE=', 'new');
    const list = async (kind: string) =>
      (await call('GET', `/box/kinds?comp=blocklist&blocklisttype=${kind}`)).text();
    const [committed, uncommitted, all] = [
      await list('committed'),
      await list('uncommitted'),
      await list('all'),
    ];
    const one = '<Block><Name>MDE=</Name><Size>3</Size></Block>';
    expect(committed).toContain(
      `<CommittedBlocks>${one}</CommittedBlocks><UncommittedBlocks></UncommittedBlocks>`,
    );
    expect(uncommitted).toContain(`<CommittedBlocks></CommittedBlocks><UncommittedBlocks>${one}`);
    expect(all.split(one)).toHaveLength(3);
    await commit('kinds', '<BlockList><Committed>MDE=</Committed><Latest>MDE=</Latest></BlockList>');
    expect(await (await call('GET', '/box/kinds')).text()).toBe('oldnew');
  });

  test('a kind of list nobody knows is refused', async () => {
    expect(await outcome(call('GET', '/box/seed?comp=blocklist&blocklisttype=some'))).toBe(
      '400 InvalidQueryParameterValue',
    );
  });

  test('an empty list makes an empty blob; a wrong MD5 makes none', async () => {
    const headers = { 'content-md5': 'AAAA' };
    const wrong = call('PUT', '/box/empty?comp=blocklist', { body: '<BlockList/>', headers });
    expect(await outcome(wrong)).toBe('400 Md5Mismatch');
    expect((await commit('empty', '<BlockList />')).status).toBe(201);
    expect((await call('HEAD', '/box/empty')).headers.get('content-length')).toBe('0');
  });
});

describe('shared access signatures', () => {
  const times = () => ({
    st: new Date(cloud.clock.now() - HOUR).toISOString(),
    se: new Date(cloud.clock.now() + HOUR).toISOString(),
  });

  /** A service signature as documented for version 2020-12-06, over the parameters as given. */
  function signed(changes: Record<string, string | undefined>): string {
    const all = { sp: 'r', ...times(), spr: 'https', sv: '2024-11-04', sr: 'b', ...changes };
    const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const of = (name: string): string => Object.fromEntries(given)[name] ?? '';
    const text = [
      ...[of('sp'), of('st'), of('se'), '/blob/acct1/box/seed', '', of('sip'), of('spr'), of('sv'), of('sr')],
      ...['', '', of('rscc'), of('rscd'), of('rsce'), of('rscl'), of('rsct')],
    ].join('\n');
    const sig = createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64');
    return `${BLOB}/box/seed?${new URLSearchParams([...given, ['sig', sig]])}`;
  }

  test.each<[string, Record<string, string | undefined>, string]>([
    ['as documented', {}, '200'],
    ['without a start', { st: undefined }, '200'],
    ['without a protocol', { spr: undefined }, '200'],
    ['over either protocol', { spr: 'https,http' }, '200'],
    ['over plain HTTP alone', { spr: 'http' }, '403 AuthenticationFailed'],
    ['without an end', { se: undefined }, '403 AuthenticationFailed'],
    ['with an end that is no instant', { se: 'soon' }, '403 AuthenticationFailed'],
    ['that starts tomorrow', { st: '2099-01-01T00:00:00Z' }, '403 AuthenticationFailed'],
    ['that starts at no instant', { st: 'now' }, '403 AuthenticationFailed'],
    ['that has ended', { se: '2020-01-01T00:00:00Z' }, '403 AuthenticationFailed'],
    ['for one network', { sip: '10.0.0.1' }, '403 AuthorizationSourceIPMismatch'],
    ['without a version', { sv: undefined }, '403 AuthenticationFailed'],
    ['without letters', { sp: '' }, '403 AuthorizationPermissionMismatch'],
    ['with letters for another call', { sp: 'wd' }, '403 AuthorizationPermissionMismatch'],
  ])('one %s', async (_, changes, expected) => {
    expect(await outcome(send(cloud, 'GET', signed(changes)))).toBe(expected);
  });

  test.each<[string, Record<string, string | undefined>]>([
    ['of an old version', { sv: '2019-12-12' }],
    ['for an account', { ss: 'b', srt: 'o' }],
    ['by a stored policy', { si: 'policy' }],
    ['for a directory', { sr: 'd' }],
    ['under an encryption scope', { ses: 'x' }],
  ])('one %s is not imitated', async (_, changes) => {
    expect((await send(cloud, 'GET', signed(changes))).status).toBe(501);
  });

  test('replaces headers of the answer', async () => {
    const read = await send(cloud, 'GET', signed({ rscd: 'attachment', rsct: 'text/csv', rscc: 'no-store' }));
    expect(read.headers.get('content-disposition')).toBe('attachment');
    expect(read.headers.get('content-type')).toBe('text/csv');
    expect(read.headers.get('cache-control')).toBe('no-store');
  });

  test('of a blob opens no container, and no table service', async () => {
    const query = new URL(signed({})).search;
    expect(await outcome(send(cloud, 'GET', `${BLOB}/box${query}&restype=container&comp=list`))).toBe(
      '403 AuthenticationFailed',
    );
    expect((await send(cloud, 'GET', `https://acct1.table.core.windows.net/Tables${query}`)).status).toBe(
      501,
    );
  });

  test('one that may only create overwrites nothing', async () => {
    const write = (url: string) =>
      send(cloud, 'PUT', url, { body: 'x', headers: { 'x-ms-blob-type': 'BlockBlob' } });
    expect(await outcome(write(signed({ sp: 'c' })))).toBe('403 AuthorizationPermissionMismatch');
    expect(await (await call('GET', '/box/seed')).text()).toBe('0123456789');
  });
});

describe('delegation keys', () => {
  const ask = (body: string) => call('POST', '/?restype=service&comp=userdelegationkey', { body });
  const info = (start: string, expiry: string, more = '') =>
    `<KeyInfo>${start === '' ? '' : `<Start>${start}</Start>`}<Expiry>${expiry}</Expiry>${more}</KeyInfo>`;
  const at = (hours: number) => new Date(cloud.clock.now() + hours * HOUR).toISOString();

  test('a key without a start begins now', async () => {
    const response = await ask(info('', at(1)));
    expect(response.status).toBe(200);
    const xml = await response.text();
    expect(xml).toContain(`<SignedOid>${writer.principalId}</SignedOid>`);
    expect(xml).toContain(`<SignedStart>${at(0).slice(0, 19)}Z</SignedStart>`);
  });

  test.each<[string, () => string]>([
    ['no XML', () => 'x'],
    ['no end', () => '<KeyInfo></KeyInfo>'],
    ['an end that is no instant', () => info('', 'soon')],
    ['a start that is no instant', () => info('now', at(1))],
    ['an end before the start', () => info(at(2), at(1))],
    ['an end that is over', () => info(at(-2), at(-1))],
    ['more than a week', () => info('', at(24 * 7 + 1))],
  ])('%s is refused', async (_, body) => {
    expect(await outcome(ask(body()))).toBe('400 InvalidXmlNodeValue');
  });

  test('keys for another tenant are not imitated', async () => {
    const body = info('', at(1), '<DelegatedUserTid>x</DelegatedUserTid>');
    expect((await ask(body)).status).toBe(501);
  });

  test.each<[string, Record<string, string>, number, string]>([
    ['of another tenant', { sktid: NOBODY }, 403, 'sktid is not the tenant'],
    ['for another service', { sks: 't' }, 403, 'sks is invalid'],
    ['whose key is over', { ske: '2020-01-01T00:00:00Z' }, 403, 'key is not valid now'],
    ['whose key begins tomorrow', { skt: '2099-01-01T00:00:00Z' }, 403, 'key is not valid now'],
    ['that outlives its key', { se: '2099-01-01T00:00:00Z' }, 403, 'se lies behind ske'],
    ['that names somebody else', { skoid: NOBODY }, 403, 'signature did not match'],
    ['bound to another user', { sduoid: NOBODY }, 501, 'not imitated'],
  ])('a signature %s is refused', async (_, changes, status, reason) => {
    const query = new URLSearchParams({
      ...{ sp: 'r', sv: '2024-11-04', sr: 'b', se: at(1), sig: 'AAAA' },
      ...{ skoid: writer.principalId, sktid: cloud.fabric.tenantId, skt: at(-1), ske: at(2) },
      ...{ sks: 'b', skv: '2024-11-04', ...changes },
    });
    const response = await send(cloud, 'GET', `${BLOB}/box/seed?${query}`);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(reason);
  });
});
