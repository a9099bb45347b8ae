import { parseScopeList } from '../../smart/scopes.ts';
import { styleUrl } from '../discovery/smart-style.ts';
import { OAuthError } from '../oauth-error.ts';
import { fhirBase, type GatewaySettings } from '../settings.ts';
import type { GrantedContext, LaunchContext } from '../state/state.ts';

export interface FhirUser {
  readonly type: string;
  readonly id: string;
}

/** `Patient/123` or any absolute URL that ends so. */
export function parseFhirUser(text: string | undefined): FhirUser | undefined {
  const match =
    /(?:^|\/)(Patient|Practitioner|PractitionerRole|RelatedPerson|Person)\/([A-Za-z0-9.-]{1,64})$/.exec(
      text ?? '',
    );
  return match?.[1] === undefined || match[2] === undefined ? undefined : { type: match[1], id: match[2] };
}

/**
 * The context a grant leads to. A patient comes from the EHR's launch or is the user; there is no patient picker.
 *
 * @throws OAuthError `access_denied` when a patient is needed and none can be known, or when it is someone else's
 */
export function grantedContext(
  settings: GatewaySettings,
  granted: string,
  launch: LaunchContext | undefined,
  fhirUser: FhirUser | undefined,
): GrantedContext {
  const { scopes } = parseScopeList(granted);
  const needsPatient = scopes.some(
    (scope) => scope.text === 'launch/patient' || (scope.kind === 'resource' && scope.context === 'patient'),
  );
  const own = fhirUser?.type === 'Patient' ? fhirUser.id : undefined;
  if (own !== undefined && launch?.patient !== undefined && launch.patient !== own) {
    throw new OAuthError('access_denied', 'the launch is about another patient than the one who signed in');
  }
  const patient = launch?.patient ?? own;
  if (needsPatient && patient === undefined) {
    throw new OAuthError(
      'access_denied',
      'the app needs a patient: sign in as a patient, or start the app from the EHR with a patient open',
    );
  }
  const inLaunch = launch !== undefined && scopes.some((scope) => scope.text === 'launch');
  return {
    ...(patient !== undefined && (needsPatient || inLaunch) ? { patient } : {}),
    ...(inLaunch ? launchMembers(settings, launch) : {}),
  };
}

function launchMembers(settings: GatewaySettings, launch: LaunchContext): GrantedContext {
  return {
    ...(launch.encounter === undefined ? {} : { encounter: launch.encounter }),
    ...(launch.intent === undefined ? {} : { intent: launch.intent }),
    need_patient_banner: launch.needPatientBanner,
    smart_style_url: styleUrl(fhirBase(settings)),
  };
}
