import { PRESET_USERS, presetClients } from './clients.ts';
import type { ClientConfig, Config, UserConfig } from './config.ts';
import { invalid, type ParsedFile } from './problems.ts';
import type { ClientSettings, ConfigFile, EnvironmentOverlay, UserSettings } from './schema.ts';

/** The environment that always is the laptop. */
export const LOCAL_ENV = 'local';
const DEFAULT_LOCATION = 'eastus2';
const DEFAULT_INFERNO = 'http://localhost:4567';

type Layer = Readonly<Record<string, unknown>>;

/** One environment: the base of the file, the environment's overlay on top, defaults below. */
export function effectiveConfig(parsed: ParsedFile, env: string): Config {
  const { environments, ...base } = parsed.value;
  const overlay: EnvironmentOverlay = environments?.[env] ?? {};
  const merged = merge(base, overlay as Layer) as Omit<ConfigFile, 'environments'> & EnvironmentOverlay;
  checkTarget(parsed, env, overlay);
  const inferno = merged.inferno?.url ?? DEFAULT_INFERNO;
  const at = (section: string, name: string): string =>
    parsed.position(
      environments?.[env] !== undefined && name in ((overlay as Record<string, object>)[section] ?? {})
        ? ['environments', env, section, name]
        : [section, name],
    );
  return {
    name: merged.name,
    env,
    profile: merged.profile ?? 'g10-us6',
    target: env === LOCAL_ENV ? 'embedded' : overlay.server !== undefined ? 'server' : 'azure',
    azure: {
      tenant: merged.azure?.tenant,
      subscription: merged.azure?.subscription,
      location: merged.azure?.location ?? DEFAULT_LOCATION,
      resourceGroup: (merged.azure?.resourceGroup ?? `rg-${merged.name}-{env}`).replaceAll('{env}', env),
      cloud: merged.azure?.cloud ?? 'public',
    },
    fhir: { adopt: merged.fhir?.adopt, workspace: merged.fhir?.workspace, service: merged.fhir?.service },
    gateway: {
      sku: merged.gateway?.sku ?? 'Consumption',
      publisherName: merged.gateway?.publisherName ?? merged.name,
      publisherEmail: merged.gateway?.publisherEmail ?? `admin@${merged.name}.example`,
    },
    tokens: merged.tokens ?? 'entra',
    clients: clientsOf(merged.clients ?? {}, inferno, (name) => at('clients', name)),
    users: usersOf(merged.users ?? {}, (name) => at('users', name)),
    inferno: { url: inferno },
    data: {
      classification: merged.data?.classification ?? (env === LOCAL_ENV ? 'synthetic' : 'phi'),
      seed: merged.data?.seed ?? (env === LOCAL_ENV ? 'demo' : 'none'),
    },
    doctor: { failOn: merged.doctor?.failOn ?? 'error' },
    server: overlay.server,
  };
}

function checkTarget(parsed: ParsedFile, env: string, overlay: EnvironmentOverlay): void {
  const at = (key: string): string => parsed.position(['environments', env, key]);
  if (env === LOCAL_ENV && (overlay.server !== undefined || overlay.target === 'azure')) {
    const key = overlay.server === undefined ? 'target' : 'server';
    throw invalid([`${at(key)}: the name "${LOCAL_ENV}" is reserved for the laptop; use another one`]);
  }
  if (env !== LOCAL_ENV && overlay.target === 'embedded') {
    throw invalid([`${at('target')}: only the environment "${LOCAL_ENV}" can be embedded`]);
  }
  if (overlay.server !== undefined && overlay.target !== undefined) {
    throw invalid([`${at('target')}: an environment has either a target or a server`]);
  }
}

function clientsOf(
  given: Readonly<Record<string, ClientSettings>>,
  inferno: string,
  at: (name: string) => string,
): readonly ClientConfig[] {
  const presets = presetClients(inferno);
  const names = [...new Set([...Object.keys(presets), ...Object.keys(given)])];
  const clients: ClientConfig[] = [];
  for (const name of names) {
    const { enabled, ...settings } = given[name] ?? {};
    if (enabled === false) continue;
    const preset = presets[name];
    if (preset === undefined && (settings.auth === undefined || settings.launch === undefined)) {
      throw invalid([`${at(name)}: clients.${name}: a client of your own needs "auth" and "launch"`]);
    }
    const client = clientOf(name, settings, preset ?? EMPTY_CLIENT);
    const problem = clientProblem(client);
    if (problem !== undefined) throw invalid([`${at(name)}: clients.${name}: ${problem}`]);
    clients.push(client);
  }
  return clients;
}

const EMPTY_CLIENT: Omit<ClientConfig, 'name'> = {
  auth: 'secret',
  launch: 'none',
  redirectUris: [],
  launchUris: [],
  origins: [],
  scopes: [],
  permissions: [],
  jwks: undefined,
  consent: 'admin',
};

function clientOf(name: string, given: ClientSettings, below: Omit<ClientConfig, 'name'>): ClientConfig {
  return {
    name,
    auth: given.auth ?? below.auth,
    launch: given.launch ?? below.launch,
    redirectUris: given.redirectUris ?? below.redirectUris,
    launchUris: given.launchUris ?? below.launchUris,
    origins: given.origins ?? below.origins,
    scopes: given.scopes ?? below.scopes,
    permissions: given.permissions ?? below.permissions,
    jwks: given.jwks ?? below.jwks,
    consent: given.consent ?? below.consent,
  };
}

function clientProblem(client: ClientConfig): string | undefined {
  const interactive = client.launch === 'standalone' || client.launch === 'ehr';
  if (interactive && client.redirectUris.length === 0)
    return 'an app that people sign in to needs redirectUris';
  if (client.launch === 'backend' && client.auth !== 'private_key_jwt')
    return 'a backend client authenticates with private_key_jwt';
  if (client.jwks !== undefined && client.auth !== 'private_key_jwt')
    return 'jwks is for private_key_jwt clients';
  if (client.permissions.length > 0 && client.auth === 'public')
    return 'a public client cannot have permissions';
  const contexts = new Set(
    client.scopes.flatMap((scope) => /^(patient|user|system)\//.exec(scope)?.[1] ?? []),
  );
  if (contexts.size > 1) {
    return `mixes ${[...contexts].join('/ and ')}/ scopes, which the FHIR service refuses; make two clients`;
  }
  const versions = new Set(
    client.scopes
      .filter((scope) => /^\w+\//.test(scope) && !scope.startsWith('launch/'))
      .map((scope) => (/\.(read|write|\*)$/.test(scope) ? 1 : 2)),
  );
  if (versions.size > 1) return 'mixes v1 and v2 scopes, which the FHIR service refuses; make two clients';
  return undefined;
}

function usersOf(
  given: Readonly<Record<string, UserSettings>>,
  at: (name: string) => string,
): readonly UserConfig[] {
  const users: UserConfig[] = [];
  for (const name of new Set([...Object.keys(PRESET_USERS), ...Object.keys(given)])) {
    const { enabled, ...settings } = given[name] ?? {};
    if (enabled === false) continue;
    const fhirUser = settings.fhirUser ?? PRESET_USERS[name]?.fhirUser;
    if (fhirUser === undefined)
      throw invalid([`${at(name)}: users.${name}: a user of your own needs "fhirUser"`]);
    users.push({ name, username: settings.username ?? PRESET_USERS[name]?.username, fhirUser });
  }
  return users;
}

/** Objects merge key by key; everything else, lists included, is replaced by the upper layer. */
function merge(lower: unknown, upper: unknown): unknown {
  if (upper === undefined) return lower;
  if (!isLayer(lower) || !isLayer(upper)) return upper;
  const keys = new Set([...Object.keys(lower), ...Object.keys(upper)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(lower[key], upper[key])]));
}

function isLayer(value: unknown): value is Layer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
