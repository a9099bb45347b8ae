/**
 * Microsoft Graph's own app id and delegated permission ids, the same in every tenant (Graph permissions
 * reference).
 */
export const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000';

export const GRAPH_SCOPE_IDS = {
  openid: '37f7f235-527c-4136-accd-4a02d197296e',
  profile: '14dad69e-099b-42c9-810b-d002981feec1',
  offline_access: '7427e0e9-2fba-42fe-b0c0-848c9e6a8182',
} as const;
