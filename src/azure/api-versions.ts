/** The ARM api-version sent for each type, newest stable that was checked against its schema. */
const API_VERSIONS: Readonly<Record<string, string>> = {
  'microsoft.apimanagement': '2024-05-01',
  'microsoft.authorization': '2022-04-01',
  'microsoft.healthcareapis': '2024-03-31',
  'microsoft.keyvault': '2026-02-01',
  'microsoft.resources': '2025-04-01',
  'microsoft.storage': '2025-06-01',
  'microsoft.web': '2025-03-01',
};

/** @throws Error for a type that nobody has entered: a defect */
export function apiVersionOf(id: string): string {
  const namespace = [...id.matchAll(/\/providers\/([^/]+)/gi)].at(-1)?.[1] ?? 'Microsoft.Resources';
  const version = API_VERSIONS[namespace.toLowerCase()];
  if (version === undefined) throw new Error(`no api-version for ${namespace}`);
  return version;
}
