/** The newest stable api-version of Microsoft.ApiManagement. */
export const APIM_VERSIONS: readonly string[] = ['2024-05-01'];
