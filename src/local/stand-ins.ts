import { apimGateway } from './apim/gateway.ts';
import { arm } from './arm/arm.ts';
import { entra } from './entra/entra.ts';
import type { Origins, StandInFactory } from './fabric.ts';
import { fhirService } from './fhir/fhir.ts';
import type { Outlet } from './functions-host/app-host.ts';
import { functionsHost } from './functions-host/functions-host.ts';
import { IDENTITY_ORIGIN } from './functions-host/managed-identity.ts';
import { graph } from './graph/graph.ts';
import { keyVault } from './key-vault/key-vault.ts';
import { storage } from './storage/storage.ts';

/** A stand-in to be made, and the plain-HTTP origins that lead to it beside its Azure hosts. */
export interface StandInEntry {
  readonly make: StandInFactory;
  readonly origins: readonly string[];
}

export interface StandInNeeds {
  readonly origins: Origins;
  /** Where Function packages are unpacked. */
  readonly packageFolder: string;
  /** How Function processes reach the cloud. */
  readonly outlet: () => Promise<Outlet>;
}

/** Every stand-in of the laptop cloud: one line each. */
export function standInEntries(needs: StandInNeeds): readonly StandInEntry[] {
  return [
    { make: entra, origins: [needs.origins.login] },
    { make: graph, origins: [] },
    { make: arm, origins: [] },
    { make: keyVault, origins: [] },
    { make: storage, origins: [] },
    { make: fhirService, origins: [] },
    { make: apimGateway, origins: [needs.origins.gateway] },
    {
      make: functionsHost({ folder: needs.packageFolder, outlet: needs.outlet }),
      origins: [needs.origins.functions, IDENTITY_ORIGIN],
    },
  ];
}
