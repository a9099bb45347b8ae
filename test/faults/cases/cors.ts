import { withHeaders } from '../answers.ts';
import type { Asked } from '../asked.ts';
import { breaks, type Fault } from '../fault.ts';
import { fhirPath, isAuthorize, isMetadata, isWellKnown } from '../requests.ts';

const STRANGER = 'https://app.example.org';
const originOf = (asked: Asked): string | null => asked.request.headers.get('origin');
const isPreflight = (asked: Asked): boolean => asked.method === 'OPTIONS';
const isApp = (origin: string | null, { profile }: Asked): boolean =>
  Object.values(profile.clients).some(
    ({ redirectUri }) => redirectUri !== undefined && new URL(redirectUri).origin === origin,
  );
const CLOSED: Fault['answer'] = withHeaders({ 'access-control-allow-origin': undefined });
const REFUSED: Fault['answer'] = async () => new Response(null, { status: 401 });

export const corsFaults: readonly Fault[] = [
  breaks(
    'cors/well-known',
    'the configuration is closed to pages',
    (asked) => isWellKnown(asked) && originOf(asked) !== null,
    CLOSED,
  ),
  breaks(
    'cors/metadata',
    'metadata is closed to pages',
    (asked) => isMetadata(asked) && originOf(asked) !== null,
    CLOSED,
  ),
  breaks(
    'cors/token',
    'the token preflight needs a token',
    (asked) => isPreflight(asked) && asked.path === '/auth/token',
    REFUSED,
  ),
  breaks(
    'cors/token',
    'the token preflight does not allow content-type',
    (asked) => isPreflight(asked) && asked.path === '/auth/token',
    withHeaders({ 'access-control-allow-headers': 'accept, authorization' }),
  ),
  breaks(
    'cors/fhir-preflight',
    'the FHIR preflight does not allow the authorization header',
    (asked) => isPreflight(asked) && fhirPath(asked) !== undefined,
    withHeaders({ 'access-control-allow-headers': 'accept' }),
  ),
  breaks(
    'cors/fhir-preflight',
    'the FHIR preflight needs a token',
    (asked) => isPreflight(asked) && fhirPath(asked) !== undefined && originOf(asked) !== STRANGER,
    REFUSED,
  ),
  breaks(
    'cors/fhir-answer',
    'refusals are closed to pages',
    (asked) => asked.method === 'GET' && /^Patient\//.test(fhirPath(asked) ?? '') && originOf(asked) !== null,
    CLOSED,
  ),
  breaks(
    'cors/no-reflection',
    'every origin is reflected with credentials',
    (asked) => isPreflight(asked) && originOf(asked) === STRANGER,
    withHeaders({ 'access-control-allow-origin': STRANGER, 'access-control-allow-credentials': 'true' }),
  ),
  breaks(
    'cors/authorize-closed',
    'the authorize endpoint is open to every page',
    (asked) => isAuthorize(asked) && originOf(asked) !== null,
    withHeaders({ 'access-control-allow-origin': '*' }),
  ),
  breaks(
    'cors/authorize-closed',
    'the authorize endpoint is open to the pages of registered apps',
    (asked) => isAuthorize(asked) && isApp(originOf(asked), asked),
    async (asked, next) => withHeaders({ 'access-control-allow-origin': originOf(asked) ?? '' })(asked, next),
  ),
];
