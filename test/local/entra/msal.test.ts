import { ClientCertificateCredential, ClientSecretCredential } from '@azure/identity';
import { generate } from 'selfsigned';
import { describe, expect, test } from 'vitest';
import { authenticate } from '../../../src/local/bearer.ts';
import { directoryOf } from '../../../src/local/directory/directory.ts';
import { entra } from '../../../src/local/entra/entra.ts';
import { TENANT_ID, testCloud } from '../directory/test-fabric.ts';
import { inProcess } from './in-process.ts';

const ARM = 'https://management.azure.com/.default';

describe('@azure/identity, unmodified', () => {
  test('ClientSecretCredential gets a token that ARM and Graph accept', async () => {
    const { fabric, fetch, deployer } = testCloud([entra]);
    const credential = new ClientSecretCredential(TENANT_ID, deployer.clientId, deployer.clientSecret, {
      httpClient: inProcess(fetch),
    });
    const arm = await credential.getToken(ARM);
    const request = new Request('https://x', { headers: { authorization: `Bearer ${arm.token}` } });
    const claims = await authenticate(fabric, request, { audiences: ['https://management.azure.com/'] });
    expect(claims).toMatchObject({ oid: deployer.principalId, appOnly: true });
    const graph = await credential.getToken('https://graph.microsoft.com/.default');
    const forGraph = new Request('https://x', { headers: { authorization: `Bearer ${graph.token}` } });
    const { roles } = await authenticate(fabric, forGraph, { audiences: ['https://graph.microsoft.com'] });
    expect(roles).toContain('Application.ReadWrite.All');
  });

  test('a wrong secret is AADSTS7000215, in the words MSAL shows', async () => {
    const { fetch, deployer } = testCloud([entra]);
    const credential = new ClientSecretCredential(TENANT_ID, deployer.clientId, 'wrong', {
      httpClient: inProcess(fetch),
    });
    await expect(credential.getToken(ARM)).rejects.toThrow(
      /7000215.*Trace ID: .* Correlation ID: .* Timestamp:/s,
    );
  });

  test('ClientCertificateCredential signs PS256 with x5t#S256 and is accepted; another certificate is not', async () => {
    const { fabric, fetch, clock, deployer } = testCloud([entra]);
    clock.advance(Date.now() - clock.now());
    const registered = await generate([{ name: 'commonName', value: 'deployer' }], { keySize: 2048 });
    const foreign = await generate([{ name: 'commonName', value: 'deployer' }], { keySize: 2048 });
    const { applications, ...directory } = directoryOf(fabric);
    expect(directory.tenantId).toBe(TENANT_ID);
    const application = applications.list().find((item) => item.appId === deployer.clientId)!;
    const key = registered.cert.replace(/-----[^-]+-----|\s/g, '');
    applications.put({
      ...application,
      keyCredentials: [
        {
          keyId: crypto.randomUUID(),
          type: 'AsymmetricX509Cert',
          usage: 'Verify',
          key,
          displayName: null,
          startDateTime: new Date(0).toISOString(),
          endDateTime: '2099-01-01T00:00:00Z',
        },
      ],
    });
    const tokenWith = ({ cert, private: pem }: { cert: string; private: string }) =>
      new ClientCertificateCredential(
        TENANT_ID,
        deployer.clientId,
        { certificate: `${pem}\n${cert}` },
        {
          httpClient: inProcess(fetch),
        },
      ).getToken(ARM);
    expect((await tokenWith(registered)).token).not.toBe('');
    await expect(tokenWith(foreign)).rejects.toThrow(/AADSTS700027/);
  });
});
