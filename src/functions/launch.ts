import { z } from 'zod';
import { SECOND } from '../core/clock.ts';
import type { Gateway } from './context.ts';
import { bearerToken } from './guard/bearer.ts';
import { NO_STORE, OAuthError } from './oauth-error.ts';
import { readText } from './parameters.ts';
import { LAUNCH_LIFETIME_MS, type LaunchContext } from './state/state.ts';

const fhirId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/);

const body = z.strictObject({
  clientId: z.string().min(1),
  patient: fhirId.optional(),
  encounter: fhirId.optional(),
  user: z.string().min(1).max(256).optional(),
  intent: z.string().min(1).max(256).optional(),
  needPatientBanner: z.boolean().optional(),
});

/** `POST {authBase}/launch`: the EHR, and nobody else, creates a one-time launch id for one client. */
export async function createLaunch(gateway: Gateway, request: Request): Promise<Response> {
  const ehr = await authenticateEhr(gateway, request);
  const { clientId, needPatientBanner, ...context } = await readBody(request);
  const client = gateway.client(clientId);
  if (client === undefined || client.launch !== 'ehr') {
    throw new OAuthError('invalid_request', 'clientId is not a client that is launched from an EHR');
  }
  const launch = gateway.random(32);
  await gateway.state.launches.insert(
    launch,
    {
      clientId,
      createdBy: ehr,
      context: {
        ...(context as Omit<LaunchContext, 'needPatientBanner'>),
        needPatientBanner: needPatientBanner ?? true,
      },
    },
    gateway.clock.now() + LAUNCH_LIFETIME_MS,
  );
  return Response.json(
    { launch, expiresIn: LAUNCH_LIFETIME_MS / SECOND },
    { status: 201, headers: NO_STORE },
  );
}

/** An app-only token of Entra with the launch role, for a client that is registered as an EHR. */
async function authenticateEhr(gateway: Gateway, request: Request): Promise<string> {
  const token = bearerToken(request);
  if (token === undefined) throw new OAuthError('invalid_token', 'an access token of the EHR is required');
  const claims = await gateway.keys.verifyAccessToken(token);
  if (claims === undefined) throw new OAuthError('invalid_token', 'the access token is not valid');
  const permitted = gateway.client(claims.clientId)?.permissions.includes('launch.create') === true;
  if (!claims.appOnly || !claims.roles.includes(gateway.settings.launchRole) || !permitted) {
    throw new OAuthError('insufficient_scope', 'this client may not create launches');
  }
  return claims.clientId;
}

async function readBody(request: Request): Promise<z.infer<typeof body>> {
  let value: unknown;
  try {
    value = JSON.parse(await readText(request));
  } catch (error) {
    if (error instanceof OAuthError) throw error;
    throw new OAuthError('invalid_request', 'the body is not JSON');
  }
  const parsed = body.safeParse(value);
  if (!parsed.success) {
    const where = parsed.error.issues.map((issue) => issue.path.join('.') || 'body').join(', ');
    throw new OAuthError('invalid_request', `not as expected: ${where}`);
  }
  return parsed.data;
}
