import { compartmentModules, resourceTypesModule } from './compartments.ts';
import { r4Definitions, type SearchParameterResource } from './definitions.ts';
import { idModules } from './ids.ts';
import { readText } from './inputs.ts';
import { searchParameterModules } from './search-parameters.ts';
import { structureModules, structureTables } from './structures.ts';
import { packageResources } from './us-core.ts';
import { usCoreModules } from './us-core-expectations.ts';
import type { GeneratedModule } from './write-module.ts';

/** Every module of `src/standards/generated/`, made from the inputs in `folder`, and what had to be left out. */
export function generateModules(folder: string): { modules: GeneratedModule[]; skipped: string[] } {
  const compartments = JSON.parse(readText(folder, 'data/fhir-r4/compartment-definitions-r4.json'));
  const tables = structureTables();
  const resourceTypes: string[] = compartments.entry[0].resource.resource.map(
    (item: { code: string }) => item.code,
  );
  const search = searchParameterModules(
    tables.structures,
    resourceTypes,
    r4Definitions<SearchParameterResource>('search-parameters.json'),
    packageResources(folder, 'hl7.fhir.us.core-6.1.0.tgz', /^package\/SearchParameter-.*\.json$/),
  );
  const modules = [
    ...compartmentModules(compartments),
    resourceTypesModule(compartments),
    ...structureModules(tables),
    ...search.modules,
    ...usCoreModules(
      readText(folder, 'data/derived/uscore-6.1.0-capability.tsv'),
      readText(folder, 'data/derived/uscore-6.1.0-elements.tsv'),
    ),
    ...idModules(
      readText(folder, 'reference/requirements.tsv'),
      readText(folder, 'reference/inferno-g10-tests.tsv'),
      readText(folder, 'reference/inferno-uscore-tests.tsv'),
    ),
  ];
  return { modules, skipped: search.skipped };
}
