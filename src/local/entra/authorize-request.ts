import { directoryOf } from '../directory/directory.ts';
import type { Fabric } from '../fabric.ts';
import { AadError } from './aadsts.ts';
import { type Client, clientNamed } from './client-authentication.ts';
import type { Parameters } from './form.ts';
import { type CodeChallenge, readChallenge } from './pkce.ts';
import { hasRedirectUris, type Platform, platformOf } from './redirect-uri.ts';
import { parseScopes } from './scopes.ts';

export type ResponseMode = 'query' | 'fragment' | 'form_post';
export type Prompt = 'login' | 'none' | 'consent' | 'select_account';

/** Where the answer goes; known before anything else is believed. */
export interface ReturnAddress {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly platform: Platform;
  readonly responseMode: ResponseMode;
  readonly state: string | null;
}

/** A checked authorization request: plain data, kept while the user signs in. */
export interface AuthorizeRequest extends ReturnAddress {
  readonly scope: string;
  readonly nonce: string | null;
  readonly challenge: CodeChallenge | null;
  readonly prompt: Prompt | null;
  readonly loginHint: string | null;
}

const MODES: readonly ResponseMode[] = ['query', 'fragment', 'form_post'];
const PROMPTS: readonly Prompt[] = ['login', 'none', 'consent', 'select_account'];

/**
 * Client and redirect URI. What fails here is shown as a page and never sent to the address.
 *
 * @throws AadError 900144, 700016, 7000112, 500113, 900971, 50011
 */
export function readReturnAddress(fabric: Fabric, parameters: Parameters): ReturnAddress {
  const clientId = parameters.get('client_id') ?? '';
  if (clientId === '') {
    throw new AadError(900144, "The request body must contain the following parameter: 'client_id'.");
  }
  const { application } = clientNamed(fabric, clientId);
  if (!hasRedirectUris(application)) {
    throw new AadError(500113, 'No reply address is registered for the application.');
  }
  const redirectUri = parameters.get('redirect_uri');
  if (redirectUri === undefined) throw new AadError(900971, 'No reply address provided.');
  const platform = platformOf(application, redirectUri);
  if (platform === undefined) {
    throw new AadError(
      50011,
      `The redirect URI '${redirectUri.slice(0, 256)}' specified in the request does not match the redirect URIs ` +
        `configured for the application '${application.appId}'. Make sure the redirect URI sent in the request ` +
        'matches one added to your application in the Azure portal.',
    );
  }
  const mode = parameters.get('response_mode');
  const responseMode = MODES.find((known) => known === mode) ?? 'query';
  return {
    clientId: application.appId,
    redirectUri,
    platform,
    responseMode,
    state: parameters.get('state') ?? null,
  };
}

/** Everything else, in Entra's order. What fails here is sent to the return address. */
export function readAuthorizeRequest(
  fabric: Fabric,
  parameters: Parameters,
  address: ReturnAddress,
): AuthorizeRequest {
  const client = clientNamed(fabric, address.clientId);
  demandCodeFlow(parameters, client);
  if (parameters.has('resource')) {
    throw new AadError(901002, "The 'resource' request parameter is not supported.");
  }
  const mode = parameters.get('response_mode');
  if (mode !== undefined && !MODES.some((known) => known === mode)) {
    throw new AadError(70007, "'response_mode' is not a supported value.");
  }
  const scope = parameters.get('scope') ?? '';
  if (scope.trim() === '') {
    throw new AadError(900144, "The request body must contain the following parameter: 'scope'.");
  }
  parseScopes(directoryOf(fabric), client, scope);
  const challenge =
    readChallenge(parameters.get('code_challenge'), parameters.get('code_challenge_method')) ?? null;
  if (address.platform === 'spa' && challenge === null) {
    throw new AadError(
      9002325,
      'Proof Key for Code Exchange is required for cross-origin authorization code redemption.',
    );
  }
  return {
    ...address,
    scope,
    challenge,
    nonce: parameters.get('nonce') ?? null,
    prompt: readPrompt(parameters.get('prompt')),
    loginHint: parameters.get('login_hint') ?? null,
  };
}

function demandCodeFlow(parameters: Parameters, client: Client): void {
  const type = parameters.get('response_type');
  if (type === undefined || type === '') {
    throw new AadError(900144, "The request body must contain the following parameter: 'response_type'.");
  }
  if (type === 'code') return;
  const words = type.split(' ');
  if (words.includes('id_token') && !client.application.web.implicitGrantSettings.enableIdTokenIssuance) {
    throw new AadError(700054, "response_type 'id_token' is not enabled for the application.");
  }
  throw new AadError(
    70005,
    `response_type '${type.slice(0, 40)}' is not supported by this stand-in: only 'code' is.`,
  );
}

function readPrompt(text: string | undefined): Prompt | null {
  if (text === undefined || text === '') return null;
  const prompt = PROMPTS.find((known) => known === text);
  if (prompt !== undefined) return prompt;
  throw new AadError(90023, `Invalid value '${text.slice(0, 40)}' for the parameter 'prompt'.`);
}
