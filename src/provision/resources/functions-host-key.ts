import { unlessUnregistered } from '../arm-resource.ts';
import type { ResourceKind } from '../context.ts';
import { changed, defineResource } from '../engine/resource.ts';
import { RESOURCE } from '../resource-ids.ts';
import { secretName } from '../secret-names.ts';
import type { Tools } from '../tools.ts';

const KEY_NAME = 'gateway';

interface Want {
  readonly siteId: string;
  readonly vaultUrl: string;
  readonly secretUrl: string;
}

interface Have {
  readonly siteId: string;
  readonly matches: boolean;
}

/** The host key with which API Management calls the gateway: the one that lies in Key Vault. */
export const functionsHostKey: ResourceKind = () => [
  defineResource<Tools, Want, Have>({
    id: RESOURCE.hostKey,
    type: 'function-host-key',
    label: `host key ${KEY_NAME}`,
    dependsOn: [RESOURCE.app, RESOURCE.vault, RESOURCE.functionKey, RESOURCE.package],
    containedIn: RESOURCE.app,
    desired: (outputs) => ({
      siteId: outputs.get(RESOURCE.app, 'id'),
      vaultUrl: outputs.get(RESOURCE.vault, 'url'),
      secretUrl: outputs.get(RESOURCE.functionKey, 'url'),
    }),
    locate: (want) => `${want.siteId}/${want.secretUrl}`,
    async read(tools, want) {
      const list = () => tools.arm.action(`${want.siteId}/host/default`, 'listKeys');
      const value = (
        (await unlessUnregistered(list))?.['functionKeys'] as Record<string, string> | undefined
      )?.[KEY_NAME];
      if (value === undefined) return undefined;
      return {
        have: { siteId: want.siteId, matches: value === (await vaultKey(tools, want)) },
        ownership: 'ours',
      };
    },
    diff: (_want, have) => (have.matches ? [] : changed('value', 'another key', 'the key in Key Vault')),
    async apply(tools, want) {
      const value = await vaultKey(tools, want);
      await tools.arm.put(keyId(want.siteId), {
        properties: { name: KEY_NAME, value },
      });
      return { siteId: want.siteId, matches: true };
    },
    destroy: ({ arm }, have) => arm.delete(keyId(have.siteId)),
    outputs: () => ({}),
  }),
];

function keyId(siteId: string): string {
  return `${siteId}/host/default/functionKeys/${KEY_NAME}`;
}

async function vaultKey({ vault, untilEffective }: Tools, want: Want): Promise<string | undefined> {
  const found = await untilEffective('access to the key vault', () =>
    vault.get(want.vaultUrl, secretName.functionKey),
  );
  return found?.value;
}
