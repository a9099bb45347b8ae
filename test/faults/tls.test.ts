import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, type SecureVersion, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { checks } from '../../src/checks/index.ts';
import { runChecks } from '../../src/checks/runner.ts';
import { selectChecks } from '../../src/checks/select.ts';
import { DAY, systemClock } from '../../src/core/clock.ts';
import { isRed } from './lab.ts';

interface Defect {
  /** Days until the certificate expires; negative when it has. */
  readonly days?: number;
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  readonly tokenEndpoint?: string;
  /** The name in the certificate. */
  readonly name?: string;
  /** Signed by itself instead of by an authority that clients trust. */
  readonly selfSigned?: boolean;
}

const closing: (() => void)[] = [];
let authority: Awaited<ReturnType<typeof generate>>;
let before: readonly string[];

beforeAll(async () => {
  authority = await generate([{ name: 'commonName', value: 'Test CA' }], {
    keySize: 2048,
    extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
  });
  before = getCACertificates('default');
  setDefaultCACertificates([...before, authority.cert]);
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
});
afterAll(() => setDefaultCACertificates([...before]));

/** An https server with a SMART configuration. */
async function serve(defect: Defect): Promise<string> {
  const notAfterDate = new Date(Date.now() + (defect.days ?? 30) * DAY);
  const leaf = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    notBeforeDate: new Date(Date.now() - 60 * DAY),
    notAfterDate,
    ...(defect.selfSigned === true ? {} : { ca: { key: authority.private, cert: authority.cert } }),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: defect.name ?? 'localhost' }] }],
  });
  const { minVersion = 'TLSv1.2', maxVersion = 'TLSv1.3' } = defect;
  const ciphers = minVersion === 'TLSv1.2' ? {} : { ciphers: 'DEFAULT@SECLEVEL=0' };
  const server = createHttpsServer(
    { key: leaf.private, cert: leaf.cert, minVersion, maxVersion, ...ciphers },
    (_, response) => {
      const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ token_endpoint: defect.tokenEndpoint ?? `${origin}/token` }));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://localhost:${(server.address() as AddressInfo).port}/fhir`;
}

async function red(fhirUrl: string): Promise<readonly string[]> {
  const document = await runChecks({
    checks: selectChecks(checks, { only: ['tls'], skip: [] }),
    profile: { fhirUrl, clients: {}, users: {}, patients: [] },
    // The probes of TLS make their own connections; the document is read without judging the certificate.
    fetch: async (request) => await readInsecurely(request),
    clock: systemClock,
    version: '0.0.0',
  });
  return document.results.filter(isRed).map((result) => result.id);
}

async function readInsecurely(request: Request): Promise<Response> {
  const { request: send } = await import('node:https');
  return await new Promise((resolve, reject) => {
    const sent = send(
      request.url,
      { rejectUnauthorized: false, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
      (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () =>
          resolve(new Response(text, { headers: { 'content-type': 'application/json' } })),
        );
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

test('a sound TLS server has no red check', async () => {
  expect(await red(await serve({}))).toEqual([]);
});

test('a closed port is no finding about TLS: it could not be checked', async () => {
  const fhirUrl = 'https://localhost:1/fhir';
  const document = await runChecks({
    checks: selectChecks(checks, { only: ['tls'], skip: [] }),
    profile: { fhirUrl, clients: {}, users: {}, patients: [] },
    fetch: async (request) => await readInsecurely(request),
    clock: systemClock,
    version: '0.0.0',
  });
  expect(document.summary).toMatchObject({ pass: 0, fail: 0, warn: 0, error: 2 });
});

test('tls/modern ← the certificate is expired', async () => {
  expect(await red(await serve({ days: -1 }))).toEqual(['tls/modern']);
});

test('tls/modern ← the certificate is for another host', async () => {
  expect(await red(await serve({ name: 'fhir.example.org' }))).toEqual(['tls/modern']);
});

test('tls/modern ← nobody trusts who signed the certificate', async () => {
  expect(await red(await serve({ selfSigned: true }))).toEqual(['tls/modern']);
});

test('tls/modern ← nothing newer than TLS 1.1 is spoken', async () => {
  expect(await red(await serve({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }))).toEqual([
    'tls/modern',
    'tls/old-versions',
  ]);
});

test('tls/old-versions ← TLS 1.1 is still spoken', async () => {
  expect(await red(await serve({ minVersion: 'TLSv1.1' }))).toEqual(['tls/old-versions']);
});

test('tls/https-endpoints ← the token endpoint is plain HTTP', async () => {
  expect(await red(await serve({ tokenEndpoint: 'http://auth.example.org/token' }))).toEqual([
    'tls/https-endpoints',
  ]);
});

test('tls/https-endpoints ← the token endpoint is an inner address', async () => {
  expect(await red(await serve({ tokenEndpoint: 'http://localhost:7071/token' }))).toEqual([
    'tls/https-endpoints',
  ]);
});
