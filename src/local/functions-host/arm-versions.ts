/** The stable api-versions of Microsoft.Web from the first that knows Flex Consumption. */
export const WEB_VERSIONS = ['2023-12-01', '2024-04-01', '2024-11-01', '2025-03-01', '2025-05-01'];
