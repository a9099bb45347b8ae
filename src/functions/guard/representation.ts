import { FhirError } from '../fhir-error.ts';

/** Only JSON can be guarded, so only JSON is offered (FHIR R4 http, content negotiation). */
export function requireJson(request: Request, query: URLSearchParams): void {
  const format = query.get('_format');
  const accept = request.headers.get('accept');
  const wanted = format ?? accept ?? '*/*';
  if (!/json|\*\/\*|application\/\*/.test(wanted)) {
    throw new FhirError(406, 'not-supported', 'only application/fhir+json is offered');
  }
}
