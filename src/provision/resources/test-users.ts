import type { GraphObject } from '../../azure/graph.ts';
import type { UserConfig } from '../../config/config.ts';
import type { ResourceKind, StackContext } from '../context.ts';
import { changed, defineResource, type FieldChange, type Resource } from '../engine/resource.ts';
import { deleteUser } from '../entra-user.ts';
import { RESOURCE, testUser, userPassword } from '../resource-ids.ts';
import { secretName } from '../secret-names.ts';
import type { Tools } from '../tools.ts';

/** On the secret of a password: id of the user it was set for. */
const SET_FOR_TAG = 'set-for';
const SELECT = 'id,userPrincipalName,displayName,accountEnabled,department,jobTitle';

interface Want {
  readonly localPart: string;
  readonly displayName: string;
  readonly extension: string;
  readonly fhirUser: string;
  readonly vaultUrl: string;
  readonly passwordUrl: string;
}

interface Have {
  readonly user: GraphObject;
  readonly fhirUser: string | undefined;
  readonly passwordIsSet: boolean;
}

/** People to test with. Their passwords are made here, lie in Key Vault and are shown by `client show` only. */
export const testUsers: ResourceKind = (context) => context.config.users.map((user) => define(user, context));

function define(user: UserConfig, { config, owner }: StackContext): Resource<Tools> {
  const id = testUser(user.name);
  return defineResource<Tools, Want, Have>({
    id,
    type: 'user',
    label: `user ${user.name}`,
    dependsOn: [RESOURCE.fhirApp, RESOURCE.apim, RESOURCE.vault, userPassword(user.name)],
    desired: (outputs) => ({
      localPart: user.username ?? `${config.name}-${config.env}-${user.name}`,
      displayName: `${config.name} ${config.env} ${user.name}`,
      extension: outputs.get(RESOURCE.fhirApp, 'extension'),
      fhirUser: `${outputs.get(RESOURCE.apim, 'gatewayUrl')}/fhir/${user.fhirUser}`,
      vaultUrl: outputs.get(RESOURCE.vault, 'url'),
      passwordUrl: outputs.get(userPassword(user.name), 'url'),
    }),
    locate: (want) => `${want.localPart}/${want.extension}/${want.passwordUrl}`,
    async read(tools, want) {
      const upn = await principalName(tools, want.localPart);
      const path = `/users/${encodeURIComponent(upn)}`;
      const found = await tools.graph.get(path, { $select: `${SELECT},${want.extension}` });
      if (found === undefined) return undefined;
      const secret = await password(tools, user, want);
      const have = {
        user: found,
        fhirUser: typeof found[want.extension] === 'string' ? String(found[want.extension]) : undefined,
        passwordIsSet: secret?.tags[SET_FOR_TAG] === found.id,
      };
      return { have, ownership: found['jobTitle'] === markOf(owner.mark(id)) ? 'ours' : 'foreign' };
    },
    diff: (want, have) => userDiff(want, have),
    apply: (tools, want, have) => ensureUser(tools, user, want, have, owner.mark(id)),
    destroy: (tools, have) => deleteUser(tools, have.user.id),
    outputs: (have) => ({
      id: have.user.id,
      userPrincipalName: String(have.user['userPrincipalName']),
      fhirUser: have.fhirUser ?? '',
    }),
  });
}

function userDiff(want: Want, have: Have): readonly FieldChange[] {
  return [
    ...changed('displayName', have.user['displayName'], want.displayName),
    ...changed('accountEnabled', have.user['accountEnabled'], true),
    ...changed('fhirUser', have.fhirUser, want.fhirUser),
    ...(have.passwordIsSet ? [] : changed('password', 'not the one in Key Vault', 'the one in Key Vault')),
  ];
}

async function ensureUser(
  tools: Tools,
  user: UserConfig,
  want: Want,
  have: Have | undefined,
  mark: string,
): Promise<Have> {
  const { graph } = tools;
  const secret = await password(tools, user, want);
  if (secret === undefined) throw new Error(`the password of ${user.name} is not in Key Vault`);
  const facts = {
    displayName: want.displayName,
    accountEnabled: true,
    jobTitle: markOf(mark),
    [want.extension]: want.fhirUser,
  };
  const passwordProfile = { password: secret.value, forceChangePasswordNextSignIn: false };
  let current = have?.user;
  if (current === undefined) {
    const userPrincipalName = await principalName(tools, want.localPart);
    current = await graph.post('/users', {
      ...facts,
      userPrincipalName,
      mailNickname: want.localPart,
      passwordProfile,
    });
  } else {
    const withPassword = have?.passwordIsSet === true ? {} : { passwordProfile };
    await graph.patch(`/users/${current.id}`, { ...facts, ...withPassword });
  }
  if (have?.passwordIsSet !== true) {
    const tags = { ...secret.tags, [SET_FOR_TAG]: current.id };
    await tools.vault.set(want.vaultUrl, secretName.userPassword(user.name), secret.value, tags);
  }
  return { user: current, fhirUser: want.fhirUser, passwordIsSet: true };
}

function password({ vault, untilEffective }: Tools, user: UserConfig, want: Want) {
  return untilEffective('access to the key vault', () =>
    vault.get(want.vaultUrl, secretName.userPassword(user.name)),
  );
}

/** `jobTitle` holds 128 characters. */
function markOf(mark: string): string {
  return mark.slice(0, 128);
}

/** The name on the tenant's default domain. */
async function principalName({ graph }: Tools, localPart: string): Promise<string> {
  const domains = await graph.list('/domains');
  const chosen = domains.find((domain) => domain['isDefault'] === true) ?? domains[0];
  if (chosen === undefined) throw new Error('the tenant has no domain');
  return `${localPart}@${chosen.id}`;
}
