import { badRequest, type GraphError, notImplemented } from './graph-error.ts';
import { list, oneOf, record, text } from './shape.ts';

const rule = record(
  {
    Source: text({ max: 40 }),
    ID: text({ max: 100 }),
    ExtensionID: text({ max: 256 }),
    Value: text({ max: 1000 }),
    JwtClaimType: text({ max: 256 }),
    SamlClaimType: text({ max: 256 }),
    SamlNameFormat: text({ max: 256 }),
  },
  { notModelled: ['TransformationID', 'TreatAsMultiValue'] },
);

const document = record(
  {
    ClaimsMappingPolicy: record(
      {
        Version: oneOf(1),
        IncludeBasicClaimSet: oneOf('true', 'false', true, false),
        ClaimsSchema: list(rule, 50),
      },
      {
        required: ['Version', 'ClaimsSchema'],
        notModelled: ['ClaimsTransformations', 'ClaimsTransformation'],
      },
    ),
  },
  { required: ['ClaimsMappingPolicy'] },
);

/** A definition is one JSON text in a list. @throws GraphError 400 malformed, 501 what the token service here cannot do */
export function demandPolicyDefinition(definition: readonly string[]): void {
  const [only, ...more] = definition;
  if (only === undefined || more.length > 0) throw malformed('exactly one definition is expected');
  const { ClaimsMappingPolicy: policy } = document(parsed(only), 'definition') as {
    ClaimsMappingPolicy: { IncludeBasicClaimSet?: unknown; ClaimsSchema: Readonly<Record<string, string>>[] };
  };
  if (String(policy.IncludeBasicClaimSet ?? 'true') !== 'true') {
    throw notImplemented('claims mapping policies without the basic claim set');
  }
  for (const entry of policy.ClaimsSchema) demandRule(entry);
}

function demandRule(entry: Readonly<Record<string, string>>): void {
  if (entry['JwtClaimType'] === undefined && entry['SamlClaimType'] === undefined) {
    throw malformed('a claim needs JwtClaimType or SamlClaimType');
  }
  if (entry['Value'] !== undefined) return;
  const source = entry['Source']?.toLowerCase();
  if (source === undefined) throw malformed('a claim needs Source or Value');
  if ((entry['ID'] === undefined) === (entry['ExtensionID'] === undefined)) {
    throw malformed('a claim needs either ID or ExtensionID');
  }
  if (source !== 'user') throw notImplemented(`claims from the source '${source}'`);
}

function parsed(definition: string): unknown {
  try {
    return JSON.parse(definition) as unknown;
  } catch {
    throw malformed('it is not JSON');
  }
}

function malformed(why: string): GraphError {
  return badRequest(`Policy definition is not valid: ${why}.`, [
    { code: 'InvalidPolicyDefinition', message: why, target: 'definition' },
  ]);
}
