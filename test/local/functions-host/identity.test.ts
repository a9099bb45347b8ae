import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cloud, createCloud } from '../../../src/local/cloud.ts';
import { IDENTITY_ENDPOINT } from '../../../src/local/functions-host/managed-identity.ts';
import { type FunctionApp, functionApp, packageOf } from './function-app.ts';

const SOURCE = `
import { app } from '@azure/functions';
const token = async (query, header) => fetch(process.env.IDENTITY_ENDPOINT + '?' + query, {
  headers: header === undefined ? {} : { 'x-identity-header': header } });
const RESOURCE = 'api-version=2019-08-01&resource=https://management.azure.com';
app.http('token', { authLevel: 'anonymous', handler: async () => {
  const answer = await token(RESOURCE, process.env.IDENTITY_HEADER);
  const { access_token, ...rest } = await answer.json();
  const arm = await fetch('https://management.azure.com/subscriptions?api-version=2022-12-01', {
    headers: { authorization: 'Bearer ' + access_token } });
  return { jsonBody: { status: answer.status, rest, arm: arm.status,
    claims: JSON.parse(Buffer.from(access_token.split('.')[1], 'base64url').toString()) } };
} });
app.http('refused', { authLevel: 'anonymous', handler: async (request) => {
  const header = request.query.get('header') === 'right' ? process.env.IDENTITY_HEADER : request.query.get('header') ?? undefined;
  return { jsonBody: (await token(request.query.get('query'), header)).status };
} });
app.http('outside', { authLevel: 'anonymous', handler: async (request) => {
  try { return { jsonBody: (await fetch(request.query.get('url'))).status }; } catch (error) { return { jsonBody: 'failed' }; }
} });
app.http('say', { authLevel: 'anonymous', handler: async () => {
  const answer = await (await token(RESOURCE, process.env.IDENTITY_HEADER)).json();
  console.log('token is ' + answer.access_token, 'header is ' + process.env.IDENTITY_HEADER);
  return { status: 204 };
} });
`;

let cloud: Cloud;
let app: FunctionApp;
const lines: unknown[] = [];

beforeAll(async () => {
  cloud = await createCloud({ storePath: ':memory:', onLine: (line) => lines.push(line) });
  app = await functionApp(cloud);
  await app.settings({});
  await app.publish(await packageOf(SOURCE));
}, 30_000);

afterAll(() => cloud.close());

describe('the managed identity of a Function app', () => {
  test('its token is good at the services of the cloud, reached unchanged from the child process', async () => {
    const answer = await (await app.get('/api/token')).json();
    expect(answer).toMatchObject({
      status: 200,
      arm: 200,
      rest: { token_type: 'Bearer', resource: 'https://management.azure.com' },
      claims: { oid: app.principalId, tid: cloud.fabric.tenantId },
    });
  });

  test.each([
    ['right', 'api-version=2019-08-01&resource=https://management.azure.com', 200],
    ['wrong', 'api-version=2019-08-01&resource=https://management.azure.com', 401],
    ['', 'api-version=2019-08-01&resource=https://management.azure.com', 401],
    ['right', 'resource=https://management.azure.com', 400],
    ['right', 'api-version=2019-08-01', 400],
    ['right', 'api-version=2019-08-01&resource=https://nobody.example', 400],
    ['right', 'api-version=2019-08-01&resource=https://management.azure.com&client_id=x', 400],
  ])('identity header "%s" and %s give %i', async (header, query, status) => {
    const path = `/api/refused?header=${header}&query=${encodeURIComponent(query)}`;
    expect(await (await app.get(path)).json()).toBe(status);
  });

  test('without a running app nobody gets a token', async () => {
    const url = `${IDENTITY_ENDPOINT}?api-version=2019-08-01&resource=https://management.azure.com`;
    expect((await cloud.fetch(new Request(url))).status).toBe(401);
    expect((await cloud.fetch(new Request(url, { headers: { 'x-identity-header': 'guess' } }))).status).toBe(
      401,
    );
  });

  test.each(['https://example.com/', 'http://127.0.0.1:9/'])('the child cannot reach %s', async (url) => {
    const answer = await (await app.get(`/api/outside?url=${encodeURIComponent(url)}`)).json();
    expect(['failed', 403]).toContain(answer);
  });

  test('what the child prints reaches the log without tokens and secrets', async () => {
    await app.get('/api/say');
    await expect.poll(() => JSON.stringify(lines), { timeout: 30_000 }).toContain('token is');
    expect(JSON.stringify(lines)).not.toMatch(/eyJ[\w-]{5,}\.[\w-]+\./);
    expect(JSON.stringify(lines)).toMatch(/header is ‹/);
  });
});
