import { ArmError } from './resource-type.ts';

/** Regions this cloud offers for every type it knows: name → display name. */
export const LOCATIONS: Readonly<Record<string, string>> = {
  australiaeast: 'Australia East',
  canadacentral: 'Canada Central',
  centralus: 'Central US',
  eastus: 'East US',
  eastus2: 'East US 2',
  francecentral: 'France Central',
  germanywestcentral: 'Germany West Central',
  northcentralus: 'North Central US',
  northeurope: 'North Europe',
  southcentralus: 'South Central US',
  swedencentral: 'Sweden Central',
  switzerlandnorth: 'Switzerland North',
  uksouth: 'UK South',
  westeurope: 'West Europe',
  westus2: 'West US 2',
  westus3: 'West US 3',
};

/** `East US` and `eastus` are the same place; Azure stores the latter. */
export function normalizeLocation(location: string): string {
  return location.toLowerCase().replaceAll(' ', '');
}

/** @throws ArmError 400 when the location is absent or not offered for the type */
export function requireLocation(body: Readonly<Record<string, unknown>>, type: string): string {
  const given = body['location'];
  if (typeof given !== 'string' || given === '') {
    throw new ArmError(400, 'LocationRequired', 'The location property is required for this definition.');
  }
  const location = normalizeLocation(given);
  if (LOCATIONS[location] === undefined) {
    const offered = Object.keys(LOCATIONS).join(',');
    throw new ArmError(
      400,
      'LocationNotAvailableForResourceType',
      `The provided location '${given}' is not available for resource type '${type}'. List of available regions for the resource type is '${offered}'.`,
    );
  }
  return location;
}
