import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { authenticate } from '../../../src/local/bearer.ts';
import { bootstrapDirectory } from '../../../src/local/directory/bootstrap.ts';
import { findSecret, makeClientSecret, storedSecret } from '../../../src/local/directory/client-secret.ts';
import { directoryOf } from '../../../src/local/directory/directory.ts';
import { createManagedIdentity } from '../../../src/local/directory/identities.ts';
import { hashPassword, isAcceptablePassword, verifyPassword } from '../../../src/local/directory/password.ts';
import { Replicated } from '../../../src/local/directory/replicated.ts';
import { issueManagedIdentityToken } from '../../../src/local/entra/managed-identity-token.ts';
import { publicKeys } from '../../../src/local/entra/signing-keys.ts';
import type { Fabric } from '../../../src/local/fabric.ts';
import { Store } from '../../../src/local/store.ts';
import { testCloud } from './test-fabric.ts';

interface Thing {
  readonly id: string;
  readonly value: number;
}

describe('replication', () => {
  const things = (delayMs: number) => {
    const { fabric, clock } = testCloud([], { graphReplicationMs: delayMs });
    return { clock, things: new Replicated<Thing>(fabric, 'things') };
  };

  test('without delay a write is seen at once', () => {
    const { things: items } = things(0);
    items.put({ id: 'A', value: 1 });
    expect(items.get('a')).toEqual({ id: 'A', value: 1 });
    expect(items.delete('A')).toBe(true);
    expect(items.delete('A')).toBe(false);
    expect(items.list()).toEqual([]);
  });

  test('creation, change and deletion are each seen late; the latest state is known at once', () => {
    const { things: items, clock } = things(100);
    items.put({ id: 'a', value: 1 });
    expect([items.get('a'), items.latest('a')?.value]).toEqual([undefined, 1]);
    clock.advance(100);
    items.put({ id: 'a', value: 2 });
    items.put({ id: 'a', value: 3 });
    expect([items.get('a')?.value, items.latest('a')?.value]).toEqual([1, 3]);
    clock.advance(100);
    expect(items.list()).toEqual([{ id: 'a', value: 3 }]);
    items.delete('a');
    expect([items.get('a')?.value, items.all()]).toEqual([3, []]);
    clock.advance(100);
    expect(items.get('a')).toBeUndefined();
  });

  test('what is written for now is seen now', () => {
    const { things: items } = things(100);
    items.putNow({ id: 'a', value: 1 });
    expect(items.get('a')?.value).toBe(1);
  });
});

describe('secrets and passwords', () => {
  test('a client secret is found by its value only, and stored as a hash', () => {
    const secret = makeClientSecret();
    expect(secret).toMatch(/^[\w-]{3}8Q~[\w-]{34}$/);
    const stored = storedSecret(secret, {
      keyId: 'k',
      displayName: null,
      startDateTime: '',
      endDateTime: '',
    });
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect(findSecret([stored], secret)?.keyId).toBe('k');
    expect(findSecret([stored], makeClientSecret())).toBeUndefined();
    expect(findSecret([stored], '')).toBeUndefined();
  });

  test('a password verifies against its own hash; the same password hashes differently', async () => {
    const [one, two] = [await hashPassword('Correct-horse-1'), await hashPassword('Correct-horse-1')];
    expect(one).not.toBe(two);
    expect(await verifyPassword('Correct-horse-1', one)).toBe(true);
    expect(await verifyPassword('correct-horse-1', one)).toBe(false);
    expect(await verifyPassword('x', 'plain$x')).toBe(false);
  });

  test('passwords need three kinds of characters and eight of them', () => {
    expect(['Abcdefg1', 'abcdef-1'].map(isAcceptablePassword)).toEqual([true, true]);
    expect(['Abcdef1', 'abcdefgh1', 'x'.repeat(257)].map(isAcceptablePassword)).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('bootstrap', () => {
  test('keeps ids, keys and principals over a restart and renews the secret of the deployer', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'directory-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const { fabric: template } = testCloud([]);
    const start = (): Fabric => ({ ...template, store: new Store(join(folder, 'state.db')) });
    const app = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites/app1';

    const first = start();
    const before = bootstrapDirectory(first).deployer;
    const identity = createManagedIdentity(first, app);
    const { access_token: token } = await issueManagedIdentityToken(first, app, 'https://vault.azure.net');
    const keys = await publicKeys(first);
    first.store.close();

    const second = start();
    const after = bootstrapDirectory(second).deployer;
    expect(after).toMatchObject({ clientId: before.clientId, principalId: before.principalId });
    expect(after.clientSecret).not.toBe(before.clientSecret);
    expect(createManagedIdentity(second, app)).toEqual(identity);
    expect(await publicKeys(second)).toEqual(keys);
    const request = new Request('https://kv.vault.azure.net', {
      headers: { authorization: `Bearer ${token}` },
    });
    await expect(
      authenticate(second, request, { audiences: ['https://vault.azure.net'] }),
    ).resolves.toMatchObject({
      oid: identity.principalId,
    });
    const directory = directoryOf(second);
    expect(
      directory.servicePrincipals
        .list()
        .map((item) => item.displayName)
        .sort(),
    ).toEqual([
      'Azure Healthcare APIs',
      'Azure Key Vault',
      'Azure Storage',
      'Microsoft Graph',
      'Windows Azure Service Management API',
      'app1',
      'smartfhir deployer',
    ]);
    const text = JSON.stringify(second.store.db.prepare('SELECT v FROM docs').all());
    expect(text).not.toContain(after.clientSecret);
    second.store.close();
  });

  test('resources are found by every name they have', () => {
    const { fabric } = testCloud([]);
    const named = (name: string) => directoryOf(fabric).resourceNamed(name)?.principal.displayName;
    expect(named('https://vault.azure.net/')).toBe('Azure Key Vault');
    expect(named('https://account1.blob.core.windows.net')).toBe('Azure Storage');
    expect(named('https://ws-fhir.fhir.azurehealthcareapis.com')).toBe('Azure Healthcare APIs');
    expect(named('https://.azurehealthcareapis.com')).toBeUndefined();
    expect(named('https://evil.example/.blob.core.windows.net')).toBeUndefined();
    expect(named('http://account1.blob.core.windows.net')).toBeUndefined();
  });
});
