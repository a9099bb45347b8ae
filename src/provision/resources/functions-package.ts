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

interface Want {
  readonly siteId: string;
  readonly scmHost: string;
  readonly hash: string;
}

interface Have {
  readonly hash: string | undefined;
}

/** The code of the gateway. A package that somebody else published later shows as a difference. */
export const functionsPackage: ResourceKind = ({ functionPackage }) => [
  defineResource<Tools, Want, Have>({
    id: RESOURCE.package,
    type: 'function-package',
    label: `code of the gateway ${functionPackage.hash.slice(0, 12)}`,
    // The host starts with the code; by then its settings and its access to storage must be there.
    dependsOn: [RESOURCE.app, RESOURCE.settings, RESOURCE.appBlobRole],
    containedIn: RESOURCE.app,
    desired: (outputs) => ({
      siteId: outputs.get(RESOURCE.app, 'id'),
      scmHost: outputs.get(RESOURCE.app, 'scmHost'),
      hash: functionPackage.hash,
    }),
    locate: (want) => want.siteId,
    async read(tools, want) {
      const site = await tools.arm.get(want.siteId);
      const hash = site?.tags?.[HASH_TAG];
      if (hash === undefined) return undefined;
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
