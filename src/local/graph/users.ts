import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import { GRAPH_PASSWORD_ROLE } from '../beliefs.ts';
import { type Directory, directoryOf } from '../directory/directory.ts';
import type { User } from '../directory/objects.ts';
import { hashPassword, isAcceptablePassword } from '../directory/password.ts';
import type { Fabric } from '../fabric.ts';
import { takenValue } from './application-rules.ts';
import { readJson } from './body.ts';
import { demandPermission, type GraphContext, type GraphEnv } from './caller.ts';
import { softDeleteUser } from './deletion.ts';
import { checkedExtensions } from './extension-properties.ts';
import { badRequest, GraphError, notFound } from './graph-error.ts';
import { pageOf, selectedFrom } from './query.ts';
import { isUuid } from './shape.ts';
import { readUserBody, type UserBody } from './user-shape.ts';

const WRITE = ['User.ReadWrite.All', 'Directory.ReadWrite.All'];
const READ = [...WRITE, 'User.Read.All', 'Directory.Read.All'];
const FILTERABLE = [
  'id',
  'userPrincipalName',
  'displayName',
  'mail',
  'mailNickname',
  'accountEnabled',
  'userType',
];

/** What Graph shows of a user when nothing is selected. */
const BY_DEFAULT = [
  ...['businessPhones', 'displayName', 'givenName', 'jobTitle', 'mail', 'mobilePhone', 'officeLocation'],
  ...['preferredLanguage', 'surname', 'userPrincipalName', 'id'],
];

export function userRoutes(app: Hono<GraphEnv>, fabric: Fabric): void {
  const directory = directoryOf(fabric);
  app.get('/users', (c) => {
    demandPermission(c, READ);
    const extensions = directory.extensionProperties.list().map((item) => item.name);
    const page = pageOf(directory.users.list().map(present), withSelect(c.req.url), [
      ...FILTERABLE,
      ...extensions,
    ]);
    return c.json(page);
  });
  app.post('/users', async (c) => {
    demandPermission(c, WRITE);
    const user = await newUser(fabric, readUserBody(await readJson(c.req.raw), true));
    directory.users.put(user);
    c.header('Location', `https://graph.microsoft.com/v1.0/users/${user.id}`);
    return c.json(selectedFrom(present(user), 'https://graph.microsoft.com/', BY_DEFAULT), 201);
  });
  app.get('/users/:key', (c) => {
    demandPermission(c, READ);
    return c.json(selectedFrom(present(userAt(directory, c.req.param('key'))), c.req.url, BY_DEFAULT));
  });
  app.patch('/users/:key', (c) => update(c, fabric, c.req.param('key')));
  app.delete('/users/:key', (c) => {
    demandPermission(c, WRITE);
    softDeleteUser(fabric, userAt(directory, c.req.param('key')).id);
    return c.body(null, 204);
  });
  app.post('/users/:key/revokeSignInSessions', (c) => {
    demandPermission(c, [...WRITE, 'User.RevokeSessions.All']);
    const user = latestUser(directory, c.req.param('key'));
    directory.users.putNow({ ...user, signInSessionsValidFromDateTime: now(fabric) });
    return c.json({
      '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#Edm.Boolean',
      value: true,
    });
  });
}

/** The user a key segment names: object id or user principal name. @throws GraphError 404 */
export function userAt(directory: Directory, key: string): User {
  const user = isUuid(key) ? directory.users.get(key) : directory.userByPrincipalName(key);
  if (user === undefined) throw notFound(key);
  return user;
}

async function update(c: GraphContext, fabric: Fabric, key: string): Promise<Response> {
  const directory = directoryOf(fabric);
  const body = readUserBody(await readJson(c.req.raw), false);
  if (body.passwordProfile !== undefined) demandPermission(c, [GRAPH_PASSWORD_ROLE]);
  const { passwordProfile: _profile, ...others } = body;
  const changesMore = Object.values(others).some((value) => value !== undefined);
  if (changesMore || body.passwordProfile === undefined) demandPermission(c, WRITE);
  const user = latestUser(directory, key);
  if (body.userPrincipalName !== undefined) demandPrincipalName(directory, body.userPrincipalName, user.id);
  directory.users.put({
    ...user,
    ...body.plain,
    userPrincipalName: body.userPrincipalName ?? user.userPrincipalName,
    extensions: mergedExtensions(directory, user, body),
    ...(body.passwordProfile === undefined ? {} : await passwordFields(fabric, body.passwordProfile)),
  });
  return c.body(null, 204);
}

async function newUser(fabric: Fabric, body: UserBody): Promise<User> {
  const directory = directoryOf(fabric);
  const { userPrincipalName, passwordProfile } = body;
  if (userPrincipalName === undefined || passwordProfile === undefined) {
    throw badRequest('A password must be specified to create a new user.');
  }
  demandPrincipalName(directory, userPrincipalName, undefined);
  const blank = {
    id: randomUUID(),
    createdDateTime: now(fabric),
    displayName: '',
    mailNickname: '',
    givenName: null,
    surname: null,
    mail: null,
    jobTitle: null,
    department: null,
    accountEnabled: true,
    userType: 'Member',
    extensions: {},
  };
  const password = await passwordFields(fabric, passwordProfile);
  const user: User = { ...blank, ...body.plain, userPrincipalName, ...password };
  return { ...user, extensions: mergedExtensions(directory, user, body) };
}

/** Sets the password; what was signed in before is signed out (AADSTS50173). */
async function passwordFields(fabric: Fabric, profile: NonNullable<UserBody['passwordProfile']>) {
  if (!isAcceptablePassword(profile.password)) {
    const message =
      'The specified password does not comply with password complexity requirements. Please provide a different password.';
    throw badRequest(message, [{ code: 'InvalidPassword', message, target: 'passwordProfile' }]);
  }
  return {
    passwordHash: await hashPassword(profile.password),
    forceChangePasswordNextSignIn: profile.forceChangePasswordNextSignIn,
    signInSessionsValidFromDateTime: now(fabric),
  };
}

function demandPrincipalName(directory: Directory, name: string, ownId: string | undefined): void {
  const domain = name.slice(name.lastIndexOf('@') + 1).toLowerCase();
  if (!/^[\w.'!#^~-]{1,64}@[^@]+$/.test(name) || !directory.verifiedDomains.includes(domain)) {
    throw badRequest(
      'The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names ' +
        'in your organization.',
    );
  }
  const wanted = name.toLowerCase();
  const taken = directory.users
    .all()
    .some((item) => item.id !== ownId && item.userPrincipalName.toLowerCase() === wanted);
  if (taken) throw takenValue('userPrincipalName');
}

/** null removes a value. */
function mergedExtensions(directory: Directory, user: User, body: UserBody): User['extensions'] {
  const merged = { ...user.extensions, ...checkedExtensions(directory, body.extensions) };
  return Object.fromEntries(
    Object.entries(merged).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}

function latestUser(directory: Directory, key: string): User {
  const latest = directory.users.latest(userAt(directory, key).id);
  if (latest === undefined)
    throw new GraphError(404, 'Request_ResourceNotFound', `Resource '${key}' does not exist.`);
  return latest;
}

function withSelect(url: string): string {
  const wanted = new URL(url);
  if (!wanted.searchParams.has('$select')) wanted.searchParams.set('$select', BY_DEFAULT.join(','));
  return wanted.href;
}

function present(user: User): Record<string, unknown> {
  const { passwordHash: _hash, forceChangePasswordNextSignIn: _force, extensions, ...shown } = user;
  return {
    ...shown,
    businessPhones: [],
    mobilePhone: null,
    officeLocation: null,
    preferredLanguage: null,
    deletedDateTime: null,
    passwordProfile: null,
    ...extensions,
  };
}

function now(fabric: Fabric): string {
  return new Date(fabric.clock.now()).toISOString();
}
