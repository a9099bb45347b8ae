/**
 * Called before group 9.3 with Inferno's session id: revokes the tokens of the last launch, as a patient would ask
 * for it. Speaks Inferno's own API (INFERNO_API) and the server's revocation endpoint; prints no token.
 */
interface Stored {
  readonly name: string;
  readonly value: unknown;
}

interface Credentials {
  readonly client_id: string;
  readonly client_secret: string;
  readonly access_token: string;
}

const [session = ''] = process.argv.slice(2);
const api = process.env['INFERNO_API'] ?? '';
const stored = await json<Stored[]>(`${api}/api/test_sessions/${encodeURIComponent(session)}/session_data`);
const base = text('url').replace(/\/+$/, '');
const credentials = JSON.parse(text('smart_auth_info')) as Credentials;
const { revocation_endpoint } = await json<{ revocation_endpoint: string }>(
  `${base}/.well-known/smart-configuration`,
);
const pair = [credentials.client_id, credentials.client_secret].map(encodeURIComponent).join(':');
const answer = await fetch(revocation_endpoint, {
  method: 'POST',
  headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
  body: new URLSearchParams({ token: credentials.access_token, token_type_hint: 'access_token' }),
});
if (answer.status !== 200) throw new Error(`the revocation endpoint answered ${answer.status}`);

function text(name: string): string {
  const value = stored.find((item) => item.name === name)?.value;
  if (value === undefined || value === null) throw new Error(`the session has no ${name}`);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function json<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}`);
  return (await response.json()) as T;
}
