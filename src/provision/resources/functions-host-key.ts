import { failureOf } from '../../azure/failure.ts';
import { unlessUnregistered } from '../arm-resource.ts';
import type { ResourceKind } from '../context.ts';
import { changed, defineResource } from '../engine/resource.ts';
import { RESOURCE } from '../resource-ids.ts';
import { secretName } from '../secret-names.ts';
import type { PassingRefusal, Tools } from '../tools.ts';

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
      const value = (await hostKeys(tools, want))?.[KEY_NAME];
      if (value === undefined) return undefined;
      return {
        have: { siteId: want.siteId, matches: value === (await vaultKey(tools, want)) },
        ownership: 'ours',
      };
    },
    diff: (_want, have) => (have.matches ? [] : changed('value', 'another key', 'the key in Key Vault')),
    async apply(tools, want) {
      const value = await vaultKey(tools, want);
      const put = () => tools.arm.put(keyId(want.siteId), { properties: { name: KEY_NAME, value } });
      await tools.untilEffective("the app's access to its storage", put, hostFails);
      return { siteId: want.siteId, matches: true };
    },
    destroy: ({ arm }, have) => arm.delete(keyId(have.siteId)),
    outputs: () => ({}),
  }),
];

/** The keys of the host; undefined without a host, and with one that cannot read its storage (yet). */
async function hostKeys(tools: Tools, want: Want): Promise<Record<string, string> | undefined> {
  const list = () => tools.arm.action(`${want.siteId}/host/default`, 'listKeys');
  try {
    return (await unlessUnregistered(list))?.['functionKeys'] as Record<string, string> | undefined;
  } catch (error) {
    const failure = failureOf(error);
    if (failure !== undefined && hostFails(failure.status, failure.codes, failure.message)) return undefined;
    throw error;
  }
}

/** `Encountered an error (…) from host runtime.`: ARM hands keys on to the host, and the host keeps them in its storage. */
const hostFails: PassingRefusal = (_status, _codes, message) => message.includes('from host runtime');

function keyId(siteId: string): string {
  return `${siteId}/host/default/functionKeys/${KEY_NAME}`;
}

async function vaultKey({ vault, untilEffective }: Tools, want: Want): Promise<string | undefined> {
  const found = await untilEffective('access to the key vault', () =>
    vault.get(want.vaultUrl, secretName.functionKey),
  );
  return found?.value;
}
