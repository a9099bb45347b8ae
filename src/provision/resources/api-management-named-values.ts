import type { ArmBody } from '../../azure/arm.ts';
import { NAMED_VALUES, NO_ORIGINS } from '../../templates/index.ts';
import type { NamedValueName, NamedValueTemplate } from '../../templates/template-types.ts';
import { contentDiff } from '../arm-resource.ts';
import type { ResourceKind, StackContext } from '../context.ts';
import { defineResource, type Outputs, type Resource } from '../engine/resource.ts';
import { namedValue, RESOURCE } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

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
  const { names } = context;
  const { dependsOn, value } = SOURCES[template.name];
  const id = namedValue(template.name);
  return defineResource<Tools, Want, ArmBody>({
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
    locate: (want) => `${want.service}/namedValues/${want.name}`,
    async read({ apiManagement }) {
      const have = await apiManagement.getNamedValue(names.resourceGroup, names.apiManagement, template.name);
      return have && { have, ownership: 'ours' };
    },
    diff: (want, have) =>
      contentDiff({ properties: { displayName: want.name, ...contentOf(want) } }, have, []),
    apply: ({ apiManagement, untilEffective }, want, have) => {
      const { secretUrl, value } = want;
      const settings = {
        displayName: want.name,
        tags: [],
        ...(secretUrl === undefined ? {} : { secretUrl }),
        ...(value === undefined ? {} : { value }),
      };
      return untilEffective(
        'access of API Management to the key vault',
        () =>
          apiManagement.putNamedValue(
            names.resourceGroup,
            names.apiManagement,
            want.name,
            settings,
            have !== undefined,
          ),
        (_status, codes, message) => codes.includes('ValidationError') && /Key ?Vault/i.test(message),
      );
    },
    destroy: ({ arm }, have) => arm.delete(have.id),
    outputs: (have) => ({ id: have.id }),
  });
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
