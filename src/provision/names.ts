import type { Config } from '../config/config.ts';
import { FHIR_SERVICE_ID } from '../config/schema.ts';
import { shortHash } from '../core/ids.ts';

/** Names of everything in Azure, derived and never random: the same configuration finds the same things again. */
export interface Names {
  readonly resourceGroup: string;
  readonly storageAccount: string;
  readonly vault: string;
  readonly plan: string;
  readonly functionApp: string;
  readonly apiManagement: string;
  readonly packageContainer: string;
  /** The FHIR service, ours or adopted. */
  readonly fhir: {
    readonly resourceGroup: string;
    readonly subscriptionId: string;
    readonly workspace: string;
    readonly service: string;
    readonly adopted: boolean;
  };
}

/** Names that are unique in the world carry this many hex digits of subscription, group, stack and environment. */
const SUFFIX_DIGITS = 8;

export function namesOf(config: Config, subscriptionId: string): Names {
  const { resourceGroup } = config.azure;
  const suffix = shortHash(
    SUFFIX_DIGITS,
    subscriptionId,
    resourceGroup.toLowerCase(),
    config.name,
    config.env,
  );
  const readable = `${config.name}-${config.env}`;
  const plain = readable.replaceAll('-', '');
  const short = (text: string, limit: number): string =>
    text.slice(0, limit - SUFFIX_DIGITS).replace(/-+$/, '');
  const adopted = config.fhir.adopt === undefined ? null : FHIR_SERVICE_ID.exec(config.fhir.adopt);
  return {
    resourceGroup,
    storageAccount: `${short(`st${plain}`, 24)}${suffix}`,
    vault: `${short(`kv-${readable}`, 23)}-${suffix}`,
    plan: `plan-${readable}`,
    functionApp: `${short(`func-${readable}`, 39)}-${suffix}`,
    apiManagement: `${short(`apim-${readable}`, 39)}-${suffix}`,
    packageContainer: 'packages',
    fhir:
      adopted === null
        ? {
            resourceGroup,
            subscriptionId,
            workspace: config.fhir.workspace ?? `${short(`ws${plain}`, 24)}${suffix}`,
            service: config.fhir.service ?? 'fhir',
            adopted: false,
          }
        : {
            subscriptionId: adopted[1] ?? '',
            resourceGroup: adopted[2] ?? '',
            workspace: adopted[3] ?? '',
            service: adopted[4] ?? '',
            adopted: true,
          },
  };
}
