import type { OperationContract } from '@azure/arm-apimanagement';
import type { ArmBody } from '../../azure/arm.ts';
import { APIS, NAMED_VALUES, POLICY_FRAGMENTS } from '../../templates/index.ts';
import type { ApiTemplate, OperationTemplate } from '../../templates/template-types.ts';
import { contentDiff } from '../arm-resource.ts';
import type { ResourceKind, StackContext } from '../context.ts';
import { changed, defineResource, type FieldChange, type Resource } from '../engine/resource.ts';
import { samePolicy } from '../policy-text.ts';
import { api as apiId, fragment, namedValue, RESOURCE } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

interface Want {
  readonly armId: string;
}

interface Have {
  readonly body: ArmBody;
  readonly policy: string | undefined;
  readonly operations: ReadonlyMap<
    string,
    { readonly contract: OperationContract; readonly policy: string | undefined }
  >;
}

/** The two APIs with their operations and policies. What somebody added to them by hand is taken away. */
export const apiManagementApis: ResourceKind = (context) => APIS.map((template) => define(template, context));

function define(template: ApiTemplate, context: StackContext): Resource<Tools> {
  return defineResource<Tools, Want, Have>({
    id: apiId(template.id),
    type: 'api',
    label: `API ${template.displayName}`,
    dependsOn: [
      RESOURCE.apim,
      ...NAMED_VALUES.map((value) => namedValue(value.name)),
      ...POLICY_FRAGMENTS.map((item) => fragment(item.id)),
    ],
    containedIn: RESOURCE.apim,
    desired: (outputs) => ({ armId: `${outputs.get(RESOURCE.apim, 'id')}/apis/${template.id}` }),
    locate: (want) => want.armId,
    async read(tools, want) {
      const have = await readApi(tools, template, context, want);
      return have && { have, ownership: 'ours' };
    },
    diff: (_want, have) => apiDiff(template, context, have),
    apply: (tools, want, have) => ensureApi(tools, template, context, want, have),
    destroy: ({ arm }, have) => arm.delete(have.body.id),
    outputs: (have) => ({ id: have.body.id }),
  });
}

async function readApi(
  { apiManagement }: Tools,
  template: ApiTemplate,
  { names }: StackContext,
  want: Want,
): Promise<Have | undefined> {
  const { resourceGroup, apiManagement: service } = names;
  const body = await apiManagement.getApi(resourceGroup, service, template.id);
  if (body === undefined) return undefined;
  const contracts = await apiManagement.listOperations(resourceGroup, service, template.id);
  const operations = await Promise.all(
    contracts.map(async (contract) => {
      const policy = await apiManagement.getPolicy(`${want.armId}/operations/${contract.name ?? ''}`);
      return [contract.name ?? '', { contract, policy }] as const;
    }),
  );
  return { body, policy: await apiManagement.getPolicy(want.armId), operations: new Map(operations) };
}

function settings({ displayName, path, protocols, subscriptionRequired }: ApiTemplate) {
  return { displayName, path, protocols: [...protocols], subscriptionRequired };
}

function apiDiff(template: ApiTemplate, { policies }: StackContext, have: Have): readonly FieldChange[] {
  const { protocols, ...rest } = settings(template);
  const wanted = new Set(template.operations.map((operation) => operation.id));
  const extra = [...have.operations.keys()].filter((name) => !wanted.has(name));
  return [
    ...contentDiff({ properties: rest }, have.body, []),
    ...changed('protocols', have.body.properties['protocols'], protocols),
    ...(samePolicy(have.policy, policies[template.policy]) ? [] : changed('policy', 'another', 'ours')),
    ...template.operations.flatMap((operation) => operationDiff(operation, policies, have)),
    ...extra.map((name): FieldChange => ({ field: `operations.${name}`, from: 'present', to: null })),
  ];
}

function operationDiff(
  want: OperationTemplate,
  policies: StackContext['policies'],
  have: Have,
): readonly FieldChange[] {
  const there = have.operations.get(want.id);
  const field = `operations.${want.id}`;
  if (there === undefined) return changed(field, null, 'present');
  const { displayName, method, urlTemplate } = there.contract;
  const wantedPolicy = want.policy === undefined ? undefined : policies[want.policy];
  return [
    ...changed(`${field}.displayName`, displayName, want.displayName),
    ...changed(`${field}.method`, method, want.method),
    ...changed(`${field}.urlTemplate`, urlTemplate, want.urlTemplate),
    ...(samePolicy(there.policy, wantedPolicy) ? [] : changed(`${field}.policy`, 'another', 'ours')),
  ];
}

async function ensureApi(
  { apiManagement }: Tools,
  template: ApiTemplate,
  { names, policies }: StackContext,
  want: Want,
  have: Have | undefined,
): Promise<Have> {
  const at = [names.resourceGroup, names.apiManagement] as const;
  const body = await apiManagement.putApi(...at, template.id, settings(template), have !== undefined);
  const wanted = new Set(template.operations.map((operation) => operation.id));
  for (const name of have?.operations.keys() ?? []) {
    if (!wanted.has(name)) await apiManagement.deleteOperation(...at, template.id, name);
  }
  for (const operation of template.operations) {
    if (have !== undefined && operationDiff(operation, policies, have).length === 0) continue;
    await ensureOperation(
      apiManagement,
      at,
      template.id,
      operation,
      policies,
      have?.operations.get(operation.id),
    );
  }
  if (!samePolicy(have?.policy, policies[template.policy])) {
    await apiManagement.putApiPolicy(
      ...at,
      template.id,
      policies[template.policy],
      have?.policy !== undefined,
    );
  }
  return have ?? { body: { ...body, id: body.id || want.armId }, policy: undefined, operations: new Map() };
}

async function ensureOperation(
  apiManagement: Tools['apiManagement'],
  at: readonly [group: string, service: string],
  api: string,
  want: OperationTemplate,
  policies: StackContext['policies'],
  there: { readonly policy: string | undefined } | undefined,
): Promise<void> {
  const { id, policy, displayName, method, urlTemplate, templateParameters = [] } = want;
  const contract = { displayName, method, urlTemplate, templateParameters: [...templateParameters] };
  await apiManagement.putOperation(...at, api, id, contract, there !== undefined);
  if (policy !== undefined) {
    await apiManagement.putOperationPolicy(...at, api, id, policies[policy], there?.policy !== undefined);
  } else if (there?.policy !== undefined) {
    await apiManagement.deleteOperationPolicy(...at, api, id);
  }
}
