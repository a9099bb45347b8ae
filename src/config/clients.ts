import { GRANULAR_CATEGORIES } from '../smart/scope-table.ts';
import type { ClientConfig, UserConfig } from './config.ts';

/** Where the sample app of `launch` listens; its addresses are registered with the interactive clients. */
const SAMPLE_APP = {
  origin: 'http://app.localhost:4568',
  redirectUri: 'http://app.localhost:4568/callback',
  launchUri: 'http://app.localhost:4568/launch',
} as const;

const STANDALONE_CONTEXT = ['launch/patient', 'openid', 'fhirUser', 'offline_access'];
const STANDALONE_SCOPES = [...STANDALONE_CONTEXT, 'patient/*.rs'];
/** Condition and Observation whole, from which a user may choose categories, and every category by itself. */
const GRANULAR_SCOPES = [
  ...['Patient', 'Condition', 'Observation'].map((type) => `patient/${type}.rs`),
  ...GRANULAR_CATEGORIES.map(({ type, system, code }) => `patient/${type}.rs?category=${system}|${code}`),
];
const EHR_SCOPES = ['launch', 'openid', 'fhirUser', 'offline_access'];

type Preset = Pick<ClientConfig, 'auth' | 'launch' | 'scopes'> & Partial<Pick<ClientConfig, 'permissions'>>;

/**
 * The clients of every stack, unless smartfhir.yaml changes or disables them. One context and one scope version
 * each: the FHIR service refuses tokens that mix them.
 */
const PRESETS: Readonly<Record<string, Preset>> = {
  'patient-confidential': { auth: 'secret', launch: 'standalone', scopes: STANDALONE_SCOPES },
  'patient-public': { auth: 'public', launch: 'standalone', scopes: STANDALONE_SCOPES },
  'patient-asymmetric': { auth: 'private_key_jwt', launch: 'standalone', scopes: STANDALONE_SCOPES },
  'patient-v1': { auth: 'secret', launch: 'standalone', scopes: [...STANDALONE_CONTEXT, 'patient/*.read'] },
  'patient-granular': {
    auth: 'secret',
    launch: 'standalone',
    scopes: [...STANDALONE_CONTEXT, ...GRANULAR_SCOPES],
  },
  'ehr-practitioner': { auth: 'secret', launch: 'ehr', scopes: [...EHR_SCOPES, 'user/*.rs'] },
  'ehr-patient': { auth: 'secret', launch: 'ehr', scopes: [...EHR_SCOPES, 'patient/*.rs'] },
  backend: { auth: 'private_key_jwt', launch: 'backend', scopes: ['system/*.rs'] },
  'backend-2': { auth: 'private_key_jwt', launch: 'backend', scopes: ['system/*.rs'] },
  ehr: { auth: 'secret', launch: 'none', scopes: [], permissions: ['launch.create'] },
  introspector: { auth: 'secret', launch: 'none', scopes: [], permissions: ['introspect'] },
};

/** Inferno's fixed addresses below its base URL (inferno notes 4.4). */
function infernoAddresses(url: string): { redirectUri: string; launchUri: string } {
  const base = url.replace(/\/+$/, '');
  return { redirectUri: `${base}/custom/smart/redirect`, launchUri: `${base}/custom/smart/launch` };
}

/** The clients every stack has. Inferno's keys are public knowledge and therefore never registered. */
export function presetClients(infernoUrl: string): Readonly<Record<string, Omit<ClientConfig, 'name'>>> {
  const inferno = infernoAddresses(infernoUrl);
  return Object.fromEntries(
    Object.entries(PRESETS).map(([name, preset]) => {
      const interactive = preset.launch === 'standalone' || preset.launch === 'ehr';
      return [
        name,
        {
          ...preset,
          redirectUris: interactive ? [SAMPLE_APP.redirectUri, inferno.redirectUri] : [],
          launchUris: preset.launch === 'ehr' ? [SAMPLE_APP.launchUri, inferno.launchUri] : [],
          origins: interactive ? [SAMPLE_APP.origin, new URL(infernoUrl).origin] : [],
          permissions: preset.permissions ?? [],
          jwks: undefined,
          consent: 'admin' as const,
        },
      ];
    }),
  );
}

/** The users every stack has; the ids are those of the seed data. */
export const PRESET_USERS: Readonly<Record<string, Omit<UserConfig, 'name'>>> = {
  patient: { username: undefined, fhirUser: 'Patient/patient-a' },
  practitioner: { username: undefined, fhirUser: 'Practitioner/practitioner-1' },
};
