/** The newest stable api-version of Microsoft.ApiManagement (platform 6.1). */
export const APIM_VERSIONS: readonly string[] = ['2024-05-01'];
