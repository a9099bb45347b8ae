import { fhir, insteadOfRefusal, json, oauthError, patch, tokenAnyway } from '../answers.ts';
import { breaks, type Fault } from '../fault.ts';
import { bearerOf, isIntrospect, isRead, isRevoke, isToken, ownPatient, provesItself } from '../requests.ts';

export const revocationFaults: readonly Fault[] = [
  breaks(
    'revocation/accepted',
    'revocation works but answers an error',
    (asked) =>
      isRevoke(asked) &&
      asked.memory.accessTokens.has(asked.form.get('token') ?? '') &&
      provesItself(asked, asked.clientId ?? '') &&
      asked.basicSecret !== undefined,
    async (asked, next) => {
      await next(asked.request);
      return oauthError(400, 'invalid_request');
    },
  ),
  breaks(
    'revocation/access-ends',
    'the FHIR server does not hear of revocations',
    (asked) =>
      isRead(asked, `Patient/${ownPatient(asked)}`) && asked.memory.revoked.has(bearerOf(asked) ?? ''),
    insteadOfRefusal((asked) => fhir(200, { resourceType: 'Patient', id: ownPatient(asked) })),
  ),
  breaks(
    'revocation/unknown-token',
    'unknown tokens cannot be revoked',
    (asked) => isRevoke(asked) && asked.form.get('token')?.startsWith('unknown-') === true,
    async () => json(400, { error: 'invalid_request' }),
  ),
  breaks(
    'revocation/client-bound',
    'any client may revoke any token',
    (asked) =>
      isRevoke(asked) &&
      asked.memory.accessTokens.has(asked.form.get('token') ?? '') &&
      asked.basicSecret === undefined,
    async (asked, next) => {
      const owner = asked.memory.accessTokens.get(asked.form.get('token') ?? '')?.clientId ?? '';
      const secret =
        Object.values(asked.profile.clients).find((client) => client.clientId === owner)?.secret ?? '';
      const headers = new Headers(asked.request.headers);
      headers.set(
        'authorization',
        `Basic ${Buffer.from(`${owner}:${encodeURIComponent(secret)}`).toString('base64')}`,
      );
      const form = new URLSearchParams(asked.form);
      form.delete('client_id');
      return await next(new Request(asked.url, { method: 'POST', headers, body: form.toString() }));
    },
  ),
  breaks(
    'revocation/introspection-agrees',
    'introspection does not hear of revocations',
    (asked) => isIntrospect(asked) && asked.memory.revoked.has(asked.form.get('token') ?? ''),
    patch(() => ({ active: true })),
  ),
  breaks(
    'revocation/refresh-ends',
    'revoked refresh tokens keep working',
    (asked) => isToken(asked) && asked.memory.revoked.has(asked.form.get('refresh_token') ?? ''),
    async () => tokenAnyway(),
  ),
];
