import { readFile } from 'node:fs/promises';
import { DEPLOYMENT_FAILED, publishPackage } from '../../azure/publish.ts';
import type { ResourceKind } from '../context.ts';
import { changed, defineResource } from '../engine/resource.ts';
import { mergeTags } from '../owner.ts';
import { RESOURCE } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

/** On the app: hash of the package that was published, and the deployment it became. */
const HASH_TAG = 'smartfhir-package';
const DEPLOYMENT_TAG = 'smartfhir-deployment';

/** Scope of tokens for blobs, and a version of the service that takes tokens. */
const STORAGE_SCOPE = 'https://storage.azure.com/.default';
const STORAGE_VERSION = '2023-11-03';

interface Want {
  readonly siteId: string;
  readonly scmHost: string;
  readonly hash: string;
  readonly containerUrl: string;
  /** The deployer's role on the container: before it exists nobody can look into it. */
  readonly roleId: string;
}

interface Have {
  readonly hash: string | undefined;
}

/** The code of the gateway. A package that somebody published later, or took away, shows as a difference. */
export const functionsPackage: ResourceKind = ({ functionPackage }) => [
  defineResource<Tools, Want, Have>({
    id: RESOURCE.package,
    type: 'function-package',
    label: `code of the gateway ${functionPackage.hash.slice(0, 12)}`,
    // The host starts with the code; by then its settings and its access to storage must be there.
    dependsOn: [
      ...[RESOURCE.app, RESOURCE.settings, RESOURCE.appBlobRole],
      ...[RESOURCE.storage, RESOURCE.packages, RESOURCE.deployerPackagesRole],
    ],
    containedIn: RESOURCE.app,
    desired: (outputs) => ({
      siteId: outputs.get(RESOURCE.app, 'id'),
      scmHost: outputs.get(RESOURCE.app, 'scmHost'),
      hash: functionPackage.hash,
      containerUrl: `${outputs.get(RESOURCE.storage, 'blobUrl')}${outputs.get(RESOURCE.packages, 'name')}`,
      roleId: outputs.get(RESOURCE.deployerPackagesRole, 'id'),
    }),
    locate: (want) => [want.siteId, want.containerUrl, want.roleId].join(' '),
    async read(tools, want) {
      const site = await tools.arm.get(want.siteId);
      const hash = site?.tags?.[HASH_TAG];
      if (hash === undefined || !(await isStored(tools, want))) return undefined;
      const current = await currentDeployment(tools, want);
      return {
        have: { hash: site?.tags?.[DEPLOYMENT_TAG] === current ? hash : undefined },
        ownership: 'ours',
      };
    },
    diff: (want, have) => changed('package', have.hash ?? 'published by others', want.hash),
    async apply(tools, want) {
      const { arm, clock, http, step, target } = tools;
      const zip = await readFile(functionPackage.path);
      const scope = `${target.endpoints.arm}/.default`;
      const publish = (): Promise<void> =>
        publishPackage(zip, { http, clock, scope, scmHost: want.scmHost, watch: step });
      await tools.untilEffective('access to the package container', publish, noAccessYet);
      const site = await arm.get(want.siteId);
      const marks = { [HASH_TAG]: want.hash, [DEPLOYMENT_TAG]: (await currentDeployment(tools, want)) ?? '' };
      await arm.patch(want.siteId, { tags: mergeTags(site?.tags, marks) });
      return { hash: want.hash };
    },
    destroy: async () => undefined,
    outputs: (have) => ({ hash: have.hash ?? '' }),
  }),
];

/** Kudu may not be entered yet, or the app's identity may not write to the container yet. */
function noAccessYet(status: number, codes: readonly string[], message: string): boolean {
  return (
    status === 403 ||
    (codes.includes(DEPLOYMENT_FAILED) && /\b40[13]\b|authoriz|permission|access/i.test(message))
  );
}

/**
 * Is there a package in the container? Its name is the platform's affair, its presence is ours: without it the app
 * does not start again.
 */
async function isStored(tools: Tools, want: Want): Promise<boolean> {
  const list = () =>
    tools.http.send({
      method: 'GET',
      url: `${want.containerUrl}?restype=container&comp=list&maxresults=1`,
      scope: STORAGE_SCOPE,
      headers: { 'x-ms-version': STORAGE_VERSION },
      accept: [404],
    });
  const answer = await tools.untilEffective('access to the package container', list);
  return answer.status === 200 && /<Blob>/.test(answer.text);
}

/** Id of the newest deployment, as Kudu lists them. */
async function currentDeployment({ http, target }: Tools, want: Want): Promise<string | undefined> {
  const answer = await http.send({
    method: 'GET',
    url: `https://${want.scmHost}/api/deployments`,
    scope: `${target.endpoints.arm}/.default`,
    accept: [404],
  });
  const list: unknown = answer.status === 404 ? [] : JSON.parse(answer.text);
  const newest: unknown = Array.isArray(list) ? list[0] : undefined;
  return typeof newest === 'object' && newest !== null && 'id' in newest ? String(newest.id) : undefined;
}
