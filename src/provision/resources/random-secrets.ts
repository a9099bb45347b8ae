import { randomToken } from '../../core/ids.ts';
import type { ResourceKind } from '../context.ts';
import { makePassword } from '../password.ts';
import { RESOURCE, userPassword } from '../resource-ids.ts';
import { secretName } from '../secret-names.ts';
import { vaultSecret } from '../vault-secret.ts';

const KEY_BYTES = 32;

/** Secrets that belong to nothing outside the stack: the gateway's session key, its host key, test passwords. */
export const randomSecrets: ResourceKind = ({ config, owner }) => [
  vaultSecret(
    {
      id: RESOURCE.sessionKey,
      label: 'secret session-key',
      dependsOn: [],
      name: () => secretName.sessionKey,
      make: async () => ({ value: randomToken(KEY_BYTES) }),
    },
    owner,
  ),
  vaultSecret(
    {
      id: RESOURCE.functionKey,
      label: 'secret function-key',
      dependsOn: [],
      name: () => secretName.functionKey,
      make: async () => ({ value: randomToken(KEY_BYTES) }),
    },
    owner,
  ),
  ...config.users.map((user) =>
    vaultSecret(
      {
        id: userPassword(user.name),
        label: `secret ${secretName.userPassword(user.name)}`,
        dependsOn: [],
        name: () => secretName.userPassword(user.name),
        make: async () => ({ value: makePassword() }),
      },
      owner,
    ),
  ),
];
