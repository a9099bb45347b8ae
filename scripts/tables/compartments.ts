import { constantModule, type GeneratedModule, sortedRecord } from './write-module.ts';

interface CompartmentDefinition {
  readonly code: string;
  readonly resource: readonly { readonly code: string; readonly param?: readonly string[] }[];
}

/** Compartments: for every resource type inside, the search parameters that lead to the compartment's owner. */
export function compartmentModules(bundle: {
  readonly entry: readonly { readonly resource: CompartmentDefinition }[];
}): GeneratedModule[] {
  return ['Patient', 'Practitioner'].map((owner) => {
    const definition = bundle.entry.map((entry) => entry.resource).find((item) => item.code === owner);
    if (definition === undefined) throw new Error(`no compartment definition of ${owner}`);
    const inside = definition.resource.flatMap((item) =>
      item.param === undefined ? [] : [[item.code, item.param] as const],
    );
    return constantModule(
      `${owner.toLowerCase()}-compartment.ts`,
      `${owner.toUpperCase()}_COMPARTMENT`,
      'Readonly<Record<string, readonly string[]>>',
      sortedRecord(inside),
    );
  });
}

/** All concrete resource types of R4: a compartment definition names every one. */
export function resourceTypesModule(bundle: {
  readonly entry: readonly { readonly resource: CompartmentDefinition }[];
}): GeneratedModule {
  const types = bundle.entry[0]?.resource.resource.map((item) => item.code) ?? [];
  return constantModule('resource-types.ts', 'R4_RESOURCE_TYPES', 'readonly string[]', [...types].sort());
}
