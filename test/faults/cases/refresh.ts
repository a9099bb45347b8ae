import { json, oauthError, patch, tokenAnyway, withHeaders } from '../answers.ts';
import type { Asked } from '../asked.ts';
import { breaks, type Fault } from '../fault.ts';
import { clientNamed, isRefreshBy, isToken } from '../requests.ts';

const CONFIDENTIAL = 'patient-confidential';
const PUBLIC = 'patient-public';

const isPlain = (asked: Asked): boolean =>
  isRefreshBy(asked, CONFIDENTIAL) &&
  !asked.form.has('scope') &&
  asked.basicSecret !== undefined &&
  owner(asked) !== undefined;

function owner(asked: Asked): string | undefined {
  return asked.memory.refreshTokens.get(asked.form.get('refresh_token') ?? '')?.clientId;
}

function used(asked: Asked): boolean {
  return asked.memory.refreshed.has(asked.form.get('refresh_token') ?? '');
}

export const refreshFaults: readonly Fault[] = [
  breaks(
    'refresh/response',
    'token_type is left out on refresh',
    isPlain,
    patch((body) => {
      delete body['token_type'];
    }),
  ),
  breaks(
    'refresh/no-store',
    'refresh responses may be cached',
    isPlain,
    withHeaders({ 'cache-control': undefined }),
  ),
  breaks(
    'refresh/same-scope',
    'a refresh loses a scope',
    isPlain,
    patch((body) => {
      if (typeof body['scope'] === 'string') body['scope'] = body['scope'].replace(/ \S+$/, '');
    }),
  ),
  breaks(
    'refresh/token-works',
    'the refreshed token opens nothing',
    isPlain,
    patch((body) => {
      if (body['access_token'] !== undefined) body['access_token'] = 'a-token-that-opens-nothing';
    }),
  ),
  breaks(
    'refresh/narrower-honoured',
    'a refresh may not ask for less',
    (asked) => isRefreshBy(asked, CONFIDENTIAL) && asked.form.get('scope')?.includes('system/') === false,
    async () => oauthError(400, 'invalid_scope'),
  ),
  breaks(
    'refresh/never-widens',
    'a refresh grants whatever is asked',
    (asked) => isRefreshBy(asked, CONFIDENTIAL) && asked.form.get('scope')?.includes('system/') === true,
    async (asked) =>
      json(200, {
        access_token: 'a-wide-token',
        token_type: 'Bearer',
        expires_in: 300,
        scope: asked.form.get('scope'),
      }),
  ),
  breaks(
    'refresh/unknown-token',
    'unknown refresh tokens are called an invalid request',
    (asked) => isToken(asked) && asked.form.get('refresh_token')?.startsWith('unknown-') === true,
    async () => oauthError(400, 'invalid_request'),
  ),
  breaks(
    'refresh/client-bound',
    'refresh tokens fit every client',
    (asked) => isToken(asked) && owner(asked) !== undefined && owner(asked) !== asked.clientId,
    async () => tokenAnyway(),
  ),
  breaks(
    'refresh/client-authentication',
    'a confidential client refreshes without its secret',
    (asked) =>
      isRefreshBy(asked, CONFIDENTIAL) && owner(asked) === asked.clientId && asked.basicSecret === undefined,
    async () => tokenAnyway(),
  ),
  breaks(
    'refresh/public-rotation',
    'refresh tokens of public clients do not rotate',
    (asked) => isRefreshBy(asked, PUBLIC) && owner(asked) === clientNamed(asked, PUBLIC),
    patch((body, asked) => {
      if (body['refresh_token'] !== undefined) body['refresh_token'] = asked.form.get('refresh_token');
    }),
  ),
  breaks(
    'refresh/reuse-detected',
    'used refresh tokens keep working',
    (asked) => isRefreshBy(asked, PUBLIC) && used(asked) && owner(asked) === clientNamed(asked, PUBLIC),
    async () => tokenAnyway(),
  ),
  breaks(
    'refresh/reuse-ends-family',
    'a replay ends nothing',
    (asked) => {
      const family = asked.memory.refreshTokens.get(asked.form.get('refresh_token') ?? '')?.family ?? '';
      return isRefreshBy(asked, PUBLIC) && !used(asked) && asked.memory.replayedFamilies.has(family);
    },
    async () => tokenAnyway(),
  ),
];
