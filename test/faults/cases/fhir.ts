import { fhir, json, patch, rebuilt, withHeaders } from '../answers.ts';
import type { Asked } from '../asked.ts';
import { breaks, type Fault } from '../fault.ts';
import { bearerOf, fhirPath, isMetadata, isRead, ownPatient } from '../requests.ts';

/** A request of somebody without a token who is no browser app. */
const isNobodys = (asked: Asked): boolean =>
  asked.method === 'GET' && asked.authorization === undefined && !asked.request.headers.has('origin');
const isNobodysRead = (asked: Asked): boolean =>
  isNobodys(asked) && /^Patient\/[^/]+$/.test(fhirPath(asked) ?? '') && asked.url.search === '';
const isGarbage = (asked: Asked): boolean => bearerOf(asked)?.startsWith('not-a-token') === true;
const isOwnSearch = (asked: Asked): boolean => isRead(asked, `Patient?_id=${ownPatient(asked)}`);

const PATIENT: Fault['answer'] = async (asked) =>
  fhir(200, { resourceType: 'Patient', id: ownPatient(asked) });

export const fhirFaults: readonly Fault[] = [
  breaks(
    'fhir/capability-statement',
    'the server says it is R5',
    isMetadata,
    patch((body) => {
      body['fhirVersion'] = '5.0.0';
    }),
  ),
  breaks(
    'fhir/capability-codes',
    'metadata tells capabilities that R4 does not know',
    isMetadata,
    async (asked, next) => {
      const response = await next(asked.request);
      return rebuilt(response, (await response.text()).replace('"launch-ehr"', '"permission-v2"'));
    },
  ),
  breaks('fhir/smart-service', 'metadata does not say SMART-on-FHIR', isMetadata, async (asked, next) => {
    const response = await next(asked.request);
    return rebuilt(response, (await response.text()).replaceAll('"SMART-on-FHIR"', '"OAuth"'));
  }),
  breaks(
    'fhir/public-base',
    'metadata names the raw FHIR service',
    isMetadata,
    patch((body) => {
      body['implementation'] = { description: 'raw', url: 'https://w-f.fhir.azurehealthcareapis.com' };
    }),
  ),
  breaks('fhir/token-required', 'reads need no token', isNobodysRead, PATIENT),
  breaks(
    'fhir/search-token-required',
    'searches need no token',
    (asked) => isNobodys(asked) && isRead(asked, 'Patient?_count=1'),
    async () => fhir(200, { resourceType: 'Bundle', type: 'searchset' }),
  ),
  breaks(
    'fhir/bearer-challenge',
    'refusals have no challenge',
    isNobodysRead,
    withHeaders({ 'www-authenticate': undefined }),
  ),
  breaks('fhir/garbage-token', 'garbage tokens get 403', isGarbage, async () =>
    fhir(403, { resourceType: 'OperationOutcome' }),
  ),
  breaks(
    'fhir/invalid-token-named',
    'refused tokens get a bare challenge',
    isGarbage,
    withHeaders({ 'www-authenticate': 'Bearer' }),
  ),
  breaks(
    'fhir/operation-outcome',
    'the gateway refuses in its own words',
    isNobodysRead,
    async (asked, next) => {
      const response = await next(asked.request);
      return rebuilt(
        response,
        JSON.stringify({ statusCode: 401, message: 'Access denied due to missing subscription key.' }),
      );
    },
  ),
  breaks(
    'fhir/tampered-token',
    'signatures of access tokens are not verified',
    (asked) => {
      const token = bearerOf(asked) ?? '';
      const known = asked.memory.accessTokens.has(token) || asked.memory.idTokens.has(token);
      return asked.bearer !== undefined && !known && isRead(asked, `Patient/${ownPatient(asked)}`);
    },
    PATIENT,
  ),
  breaks(
    'fhir/id-token-refused',
    'ID tokens are taken for access tokens',
    (asked) => asked.memory.idTokens.has(bearerOf(asked) ?? ''),
    PATIENT,
  ),
  breaks(
    'fhir/token-in-query',
    'tokens are taken from the URL',
    (asked) => asked.query.has('access_token'),
    PATIENT,
  ),
  breaks(
    'fhir/unknown-id',
    'unknown ids get a bare 404',
    (asked) => fhirPath(asked) === 'Patient/smartfhir-no-such-patient',
    async () => json(404, { message: 'not found' }),
  ),
  breaks(
    'fhir/json-format',
    'resources come as plain JSON',
    (asked) => isRead(asked, `Patient/${ownPatient(asked)}`) && asked.authorization !== undefined,
    withHeaders({ 'content-type': 'application/json' }),
  ),
  breaks(
    'fhir/search',
    'searches have no self link',
    isOwnSearch,
    patch((body) => {
      delete body['link'];
    }),
  ),
  breaks(
    'fhir/public-links',
    'results name the raw FHIR service',
    isOwnSearch,
    patch((body) => {
      for (const entry of (body['entry'] as { fullUrl: string }[] | undefined) ?? []) {
        entry.fullUrl = 'https://w-f.fhir.azurehealthcareapis.com/Patient/1';
      }
    }),
  ),
];
