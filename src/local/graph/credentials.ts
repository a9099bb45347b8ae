import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import { makeClientSecret, storedSecret } from '../directory/client-secret.ts';
import { type Directory, directoryOf } from '../directory/directory.ts';
import type { Application } from '../directory/objects.ts';
import type { Fabric } from '../fabric.ts';
import { presentPassword } from './application-view.ts';
import { applicationAt } from './applications.ts';
import { readBody } from './body.ts';
import { demandPermission, type GraphContext, type GraphEnv, WRITE_APPLICATIONS } from './caller.ts';
import { badRequest, notFound } from './graph-error.ts';
import { instant, nullable, record, text, uuid } from './shape.ts';

interface AddPasswordBody {
  readonly passwordCredential?: {
    readonly displayName?: string | null;
    readonly startDateTime?: string | null;
    readonly endDateTime?: string | null;
  } | null;
}

const addPasswordShape = record({
  passwordCredential: nullable(
    record({
      displayName: nullable(text({ max: 90 })),
      startDateTime: nullable(instant),
      endDateTime: nullable(instant),
    }),
  ),
});
const removePasswordShape = record({ keyId: uuid }, { required: ['keyId'] });

export function credentialRoutes(app: Hono<GraphEnv>, fabric: Fabric): void {
  const directory = directoryOf(fabric);
  app.post('/applications/:key/addPassword', async (c) => {
    const application = writable(c, directory, c.req.param('key'));
    const body = await readBody<AddPasswordBody>(c.req.raw, addPasswordShape);
    const { startDateTime, endDateTime } = periodOf(fabric, body);
    const secret = makeClientSecret();
    const credential = storedSecret(secret, {
      keyId: randomUUID(),
      displayName: body.passwordCredential?.displayName ?? null,
      startDateTime,
      endDateTime,
    });
    directory.applications.put({
      ...application,
      passwordCredentials: [...application.passwordCredentials, credential],
    });
    return c.json(presentPassword(credential, secret));
  });
  app.post('/applications/:key/removePassword', async (c) => {
    const application = writable(c, directory, c.req.param('key'));
    const { keyId } = await readBody<{ keyId: string }>(c.req.raw, removePasswordShape);
    const rest = application.passwordCredentials.filter((item) => item.keyId !== keyId);
    if (rest.length === application.passwordCredentials.length) {
      throw badRequest('No password credential found with keyId.');
    }
    directory.applications.put({ ...application, passwordCredentials: rest });
    return c.body(null, 204);
  });
}

/** The state to write on: visible to the caller, and as written last. */
function writable(c: GraphContext, directory: Directory, key: string): Application {
  const seen = applicationAt(directory, key);
  demandPermission(c, WRITE_APPLICATIONS, seen.ownerId);
  const latest = directory.applications.latest(seen.id);
  if (latest === undefined) throw notFound(seen.id);
  return latest;
}

/** Two years from now, unless the body says otherwise. @throws GraphError 400 */
function periodOf(fabric: Fabric, body: AddPasswordBody): { startDateTime: string; endDateTime: string } {
  const now = new Date(fabric.clock.now());
  const startDateTime = body.passwordCredential?.startDateTime ?? now.toISOString();
  const later = new Date(now);
  later.setUTCFullYear(later.getUTCFullYear() + 2);
  const endDateTime = body.passwordCredential?.endDateTime ?? later.toISOString();
  if (Date.parse(endDateTime) > Date.parse(startDateTime) && Date.parse(endDateTime) > now.getTime()) {
    return { startDateTime, endDateTime };
  }
  throw badRequest(
    'Credential lifetime is invalid: endDateTime must lie after startDateTime and in the future.',
  );
}
