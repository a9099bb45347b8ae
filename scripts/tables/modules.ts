import { compartmentModules, resourceTypesModule } from './compartments.ts';
import { readText } from './inputs.ts';
import type { GeneratedModule } from './write-module.ts';

/** Every module of `src/standards/generated/`, made from the inputs in `folder`. */
export function generateModules(folder: string): GeneratedModule[] {
  const compartments = JSON.parse(readText(folder, 'data/fhir-r4/compartment-definitions-r4.json'));
  return [...compartmentModules(compartments), resourceTypesModule(compartments)];
}
