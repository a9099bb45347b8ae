import type { ArmBody } from '../../azure/arm.ts';
import { NAMED_VALUES, NO_ORIGINS } from '../../templates/index.ts';
import type { NamedValueName, NamedValueTemplate } from '../../templates/template-types.ts';
import { contentDiff } from '../arm-resource.ts';
import type { ResourceKind, StackContext } from '../context.ts';
import { changed, defineResource, type Outputs, type Resource } from '../engine/resource.ts';
import { namedValue, RESOURCE } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

interface Have {
  readonly body: ArmBody;
  /** Does API Management hold the value that lies in Key Vault? True for plain values. */
  readonly isCurrent: boolean;
}

interface Want {
  readonly service: string;
  readonly name: string;
  readonly value?: string;
  readonly secretUrl?: string;
}

/** The parameters of the policies; the one secret among them is read by API Management from Key Vault itself. */
export const apiManagementNamedValues: ResourceKind = (context) =>
  NAMED_VALUES.map((template) => define(template, context));

function define(template: NamedValueTemplate, context: StackContext): Resource<Tools> {
  const { dependsOn, value } = SOURCES[template.name];
  const id = namedValue(template.name);
  return defineResource<Tools, Want, Have>({
    id,
    type: 'named-value',
    label: `named value ${template.name}`,
    dependsOn: [RESOURCE.apim, ...dependsOn, ...(template.keyVault ? [RESOURCE.apimVaultRole] : [])],
    containedIn: RESOURCE.apim,
    desired: (outputs) => ({
      service: outputs.get(RESOURCE.apim, 'id'),
      name: template.name,
      ...(template.keyVault ? { secretUrl: value(outputs, context) } : { value: value(outputs, context) }),
    }),
    locate: (want) => `${want.service}/namedValues/${want.name} ${want.secretUrl ?? ''}`,
    async read(tools, want) {
      const body = await tools.apiManagement.getNamedValue(...place(context), template.name);
      return body && { have: { body, isCurrent: await isCurrent(tools, want, context) }, ownership: 'ours' };
    },
    diff: (want, have) => [
      ...contentDiff({ properties: { displayName: want.name, ...contentOf(want) } }, have.body, []),
      ...(have.isCurrent ? [] : changed('value', 'an older one', 'the one in Key Vault')),
    ],
    apply: (tools, want, have) => ensureValue(tools, want, have, context),
    destroy: ({ arm }, have) => arm.delete(have.body.id),
    outputs: (have) => ({ id: have.body.id }),
  });
}

function place({ names }: StackContext): [group: string, service: string] {
  return [names.resourceGroup, names.apiManagement];
}

async function ensureValue(
  tools: Tools,
  want: Want,
  have: Have | undefined,
  context: StackContext,
): Promise<Have> {
  const { secretUrl, value, name } = want;
  const settings = {
    displayName: name,
    tags: [],
    ...(secretUrl === undefined ? {} : { secretUrl }),
    ...(value === undefined ? {} : { value }),
  };
  const put = (): Promise<ArmBody> =>
    tools.apiManagement.putNamedValue(...place(context), name, settings, have !== undefined);
  const body = await tools.untilEffective('access of API Management to the key vault', put, cannotReadVault);
  if (have !== undefined && secretUrl !== undefined)
    await tools.apiManagement.refreshSecret(...place(context), name);
  return { body, isCurrent: true };
}

function cannotReadVault(_status: number, codes: readonly string[], message: string): boolean {
  return codes.includes('ValidationError') && /Key ?Vault/i.test(message);
}

async function isCurrent(
  { apiManagement, vault }: Tools,
  want: Want,
  context: StackContext,
): Promise<boolean> {
  if (want.secretUrl === undefined) return true;
  const [vaultUrl = '', secret = ''] = want.secretUrl.split('/secrets/');
  const held = await apiManagement.valueOf(...place(context), want.name).catch(() => undefined);
  return held !== undefined && held === (await vault.get(vaultUrl, secret))?.value;
}

function contentOf(want: Want): Readonly<Record<string, unknown>> {
  return want.secretUrl === undefined
    ? { value: want.value, secret: false }
    : { keyVault: { secretIdentifier: want.secretUrl }, secret: true };
}

interface Source {
  readonly dependsOn: readonly string[];
  readonly value: (outputs: Outputs, context: StackContext) => string;
}

const SOURCES: Readonly<Record<NamedValueName, Source>> = {
  'allowed-origins': {
    dependsOn: [],
    value: (_outputs, { config }) => {
      const origins = [...new Set(config.clients.flatMap((client) => client.origins))].sort();
      return origins.length === 0 ? NO_ORIGINS : origins.join(',');
    },
  },
  'fhir-audience': {
    dependsOn: [RESOURCE.fhirApp],
    value: (outputs) => outputs.get(RESOURCE.fhirApp, 'appId'),
  },
  'function-base-url': {
    dependsOn: [RESOURCE.app],
    value: (outputs) => `https://${outputs.get(RESOURCE.app, 'host')}/api`,
  },
  'functions-key': {
    dependsOn: [RESOURCE.functionKey],
    value: (outputs) => outputs.get(RESOURCE.functionKey, 'url'),
  },
  issuer: { dependsOn: [], value: (_outputs, { account }) => account.issuer },
  'openid-config-url': {
    dependsOn: [],
    value: (_outputs, { account }) => `${account.authority}/v2.0/.well-known/openid-configuration`,
  },
};
