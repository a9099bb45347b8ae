import { json, patch } from '../answers.ts';
import type { Asked } from '../asked.ts';
import { breaks, type Fault } from '../fault.ts';
import { isIntrospect } from '../requests.ts';

/** What is said of live tokens, with one change. */
function live(check: string, name: string, change: (body: Record<string, unknown>) => void): Fault {
  return breaks(
    check,
    name,
    isIntrospect,
    patch((body) => {
      if (body['active'] === true) change(body);
    }),
  );
}

const isUnknown = (asked: Asked): boolean =>
  isIntrospect(asked) &&
  asked.form.get('token')?.startsWith('unknown-') === true &&
  asked.authorization !== undefined;

export const introspectionFaults: readonly Fault[] = [
  live('introspection/active', 'live tokens are called inactive', (body) => {
    body['active'] = false;
  }),
  live('introspection/scope', 'introspection speaks of every consented scope', (body) => {
    body['scope'] = `${body['scope']} patient/Binary.rs`;
  }),
  live('introspection/client-id', 'introspection names an internal client', (body) => {
    body['client_id'] = 'gateway';
  }),
  live('introspection/exp', 'introspection has no expiry', (body) => {
    delete body['exp'];
  }),
  live('introspection/context', 'introspection forgets the patient', (body) => {
    delete body['patient'];
  }),
  live('introspection/subject', 'introspection forgets the subject', (body) => {
    delete body['sub'];
  }),
  live('introspection/fhir-user', 'introspection forgets fhirUser', (body) => {
    delete body['fhirUser'];
  }),
  breaks('introspection/unknown-inactive', 'unknown tokens are an error', isUnknown, async () =>
    json(400, { error: 'invalid_request' }),
  ),
  breaks('introspection/inactive-says-nothing', 'inactive answers tell more', isUnknown, async () =>
    json(200, { active: false, client_id: 'somebody' }),
  ),
  breaks(
    'introspection/token-required',
    'a request without token is answered',
    (asked) => isIntrospect(asked) && !asked.form.has('token'),
    async () => json(200, { active: false }),
  ),
  breaks(
    'introspection/guarded',
    'anybody may introspect',
    (asked) => isIntrospect(asked) && asked.authorization === undefined && asked.clientId === undefined,
    async () => json(200, { active: false }),
  ),
];
