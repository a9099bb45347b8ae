import type { SmartAccess } from './smart/smart-access.ts';

/** `Microsoft.HealthcareApis/workspaces/fhirservices/resources/{action}`. */
export type DataAction =
  | 'read'
  | 'write'
  | 'delete'
  | 'hardDelete/action'
  | 'export/action'
  | 'smart/action'
  | 'resourceValidate/action';

/** Who asks, after authentication. */
export interface Caller {
  readonly principalId: string;
  readonly clientId: string;
  /** Role assignments (or the identity provider's registration) allow this data action. */
  may(action: DataAction): boolean;
  /** Present when SMART rules apply to this caller. */
  readonly smart: SmartAccess | undefined;
}
