import { FHIR_SMART_REFUSAL_STATUS } from '../../beliefs.ts';
import { FhirError } from '../fhir-error.ts';

/** A valid token whose SMART scopes or `fhirUser` the service does not accept. */
export function smartRefusal(diagnostics: string): FhirError {
  return new FhirError(FHIR_SMART_REFUSAL_STATUS, 'invalid', diagnostics);
}
