import { expect, test } from 'vitest';
import { groupId } from '../../src/provision/context.ts';
import { applyStack, destroyStack, planStack } from '../../src/provision/provision.ts';
import { openSession } from '../../src/provision/session.ts';
import { type Laptop, openLaptop } from './laptop.ts';

/** Keys of every document of every stand-in, by collection. */
function everything({ cloud }: Laptop): Map<string, string> {
  const rows = cloud.fabric.store.db.prepare('SELECT c, k, v FROM docs').all();
  return new Map(rows.map((row) => [`${String(row['c'])} ${String(row['k'])}`, String(row['v'])]));
}

test('after destroy no stand-in holds anything with our mark, but what Azure keeps and destroy names', async () => {
  const laptop = await openLaptop();
  try {
    const before = everything(laptop);
    await applyStack(laptop.input());
    const { owner } = (await openSession(laptop.input())).context;
    const { result, retained } = await destroyStack(laptop.input());
    expect(result?.complete).toBe(true);
    const left = [...everything(laptop)].filter(([key]) => !before.has(key));
    const marked = left.filter(
      ([, value]) => value.includes(owner.stack) || value.includes(owner.uniqueName('')),
    );
    const collections = new Set(marked.map(([key]) => key.split(' ')[0]));
    expect([...collections].sort()).toEqual([
      'apim-deleted',
      'key-vault-deleted',
      'key-vault-deleted-secrets',
    ]);
    const { apiManagement, vault } = (await openSession(laptop.input())).context.names;
    expect(retained.map(({ note }) => note)).toEqual([
      expect.stringContaining(`az keyvault purge --name ${vault} --location eastus2`),
      expect.stringContaining(
        `az apim deletedservice purge --service-name ${apiManagement} --location eastus2`,
      ),
    ]);
    const others = left.filter(([key]) => !key.includes('deleted')).map(([key]) => key.split(' ')[0]);
    // The subscription keeps its registrations, ARM the record of its operations, Entra its keys.
    expect([...new Set(others)].sort()).toEqual([
      'arm-operations',
      'arm-registrations',
      'entra-signing-keys',
    ]);
  } finally {
    await laptop.close();
  }
});

test('a group in which somebody else keeps something stays, with that and nothing else', async () => {
  const laptop = await openLaptop();
  try {
    await applyStack(laptop.input());
    const { context, reader } = await openSession(laptop.input());
    const theirs = `${groupId(context)}/providers/Microsoft.Storage/storageAccounts/sttheirsalone`;
    await reader.arm.put(theirs, {
      location: 'eastus2',
      kind: 'StorageV2',
      sku: { name: 'Standard_LRS' },
      properties: {},
    });
    const other = await reader.graph.post('/applications', {
      displayName: 'theirs',
      tags: ['smartfhir:else#x'],
    });
    expect((await planStack(laptop.input())).changes).toEqual([]);
    const { result, retained } = await destroyStack(laptop.input());
    expect([...(result?.errors.values() ?? [])].map(({ message }) => message)).toEqual([]);
    expect(retained.map(({ id }) => id)).toContain('group');
    const left = await reader.arm.list(`${groupId(context)}/resources`);
    expect(left.map((item) => item.name)).toEqual(['sttheirsalone']);
    expect(await reader.graph.get(`/applications/${other.id}`)).toMatchObject({ displayName: 'theirs' });
    // A second destroy finds nothing more to do.
    expect((await destroyStack(laptop.input())).items).toEqual([]);
  } finally {
    await laptop.close();
  }
});
