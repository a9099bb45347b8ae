export interface AadstsEntry {
  /** What Entra ID means. */
  readonly meaning: string;
  /** What usually lies behind it in a SMART on FHIR stack. */
  readonly cause: string;
  readonly fix: string;
}

/** Codes of Entra ID that people meet with SMART on FHIR. Texts are ours; numbers are Microsoft's. */
export const AADSTS: Readonly<Record<string, AadstsEntry>> = {
  28000: e(
    'one token request names more than one resource',
    'scopes of two APIs were mixed',
    'ask for the scopes of one resource only',
  ),
  50001: e(
    'the resource is not known in the tenant',
    'the FHIR resource app has no service principal, or the audience is misspelled',
    'run `smartfhir plan`; apply creates what is missing',
  ),
  50011: e(
    'the redirect URI is not registered',
    'the address differs in a slash, a port or letter case, or is registered under another platform',
    'register exactly the address that the request sends',
  ),
  50012: e(
    'the client assertion is not valid',
    'signature, audience or times are wrong; Entra takes RS256 and PS256 only',
    'let the gateway take RS384 and ES384 assertions, not Entra itself',
  ),
  50013: e(
    'an assertion was refused',
    'signature, issuer or times are wrong',
    'compare its claims with the registration',
  ),
  50020: e(
    'the user belongs to another tenant',
    'a guest account, or the wrong tenant in the authority',
    'sign in with an account of the tenant, or invite the guest',
  ),
  50034: e(
    'the user does not exist in the tenant',
    'a misspelled name, or the wrong tenant',
    'check the username and the tenant',
  ),
  50058: e(
    'a silent request found no session',
    'prompt=none without a signed-in user',
    'sign in interactively',
  ),
  50076: e(
    'another factor is required',
    'multi-factor authentication applies to this user or app',
    'sign in interactively; unattended tests need an excluded test user',
  ),
  50105: e(
    'the user is not assigned to the application',
    'the app demands assignment',
    'assign the user, or switch assignment off',
  ),
  50126: e(
    'username or password is wrong',
    'a misspelled or changed password',
    'correct the password; `smartfhir client show` never prints user passwords',
  ),
  50146: e(
    'claims mapping needs acceptMappedClaims',
    'the fhirUser policy applies to an app that does not accept mapped claims',
    'run `smartfhir apply`; it sets acceptMappedClaims',
  ),
  50147: e(
    'the code challenge is malformed',
    'it is not 43 characters of base64url',
    'send BASE64URL(SHA256(verifier)) without padding',
  ),
  50173: e(
    'the refresh token was revoked',
    'the password changed, or sessions were revoked',
    'sign in again',
  ),
  501461: e(
    'acceptMappedClaims does not fit the audience',
    'the audience is neither the app id nor a verified domain',
    'use the app id as audience',
  ),
  501481: e(
    'the code verifier does not match',
    'another verifier than the one whose challenge was sent',
    'keep the verifier with the state of its request',
  ),
  500011: e(
    'the resource principal was not found',
    'the App ID URI is misspelled, or SMART scopes were sent to Entra unchanged',
    'send scopes with the prefix api://{appId}/',
  ),
  53003: e(
    'Conditional Access blocked the sign-in',
    'a policy of the tenant',
    'exclude the test users from that policy',
  ),
  54005: e('the code was used before', 'a repeated redemption', 'start a new sign-in'),
  65001: e(
    'consent is missing',
    'nobody consented to the permissions of this client',
    'run `smartfhir apply`; it consents for each client',
  ),
  65004: e('the user declined', 'the button that refuses was pressed', 'sign in again and accept'),
  650053: e(
    'the scope does not exist on the resource',
    'it is not registered, or differs in letter case',
    'compare the scope with `smartfhir outputs`',
  ),
  650056: e(
    'the client has no permission for the resource',
    'requiredResourceAccess lacks it',
    'run `smartfhir plan`',
  ),
  650057: e(
    'the resource is not among those the client may ask for',
    'requiredResourceAccess lacks it',
    'run `smartfhir plan`',
  ),
  70000: e(
    'the grant is not valid',
    'a code or refresh token that is expired, used or foreign',
    'sign in again',
  ),
  70008: e('the code or refresh token expired', 'it was kept too long', 'sign in again'),
  700016: e(
    'the application is not known in the tenant',
    'a wrong client_id, or a service principal that is not there yet',
    'compare the client id with `smartfhir outputs`',
  ),
  70011: e(
    'the scope is not valid',
    'SMART scopes were sent to Entra unchanged, or mixed with .default',
    'send scopes with the prefix api://{appId}/',
  ),
  700022: e(
    'one token request names more than one resource',
    'scopes of two APIs were mixed',
    'ask for the scopes of one resource only',
  ),
  700025: e('a public client sent a secret', 'the app is registered as public', 'leave the secret out'),
  700027: e(
    'the client assertion is not valid',
    'signature, key or times are wrong; Entra takes RS256 and PS256 only',
    'let the gateway take RS384 and ES384 assertions',
  ),
  700054: e('this response type is not enabled', 'implicit or hybrid flow', 'use response_type=code'),
  700082: e(
    'the refresh token expired after inactivity',
    'it was not used for 90 days (24 hours for single-page apps)',
    'sign in again',
  ),
  70021: e(
    'no federated credential matches',
    'issuer or subject of the token differ from what is registered',
    'compare both, or wait for replication',
  ),
  7000112: e('the application is disabled', 'its service principal is switched off', 'enable it'),
  7000215: e(
    'the client secret is wrong',
    'the id of the secret was used instead of its value, or it was rotated',
    'read it again with `smartfhir client show NAME --with-secret`',
  ),
  7000218: e(
    'a secret or assertion is missing',
    'a confidential client sent its id alone, or a native app is not flagged public',
    'send the secret, or register the app as public',
  ),
  7000222: e('the client secret expired', 'nobody rotated it', 'run `smartfhir client rotate NAME`'),
  9002313: e(
    'the request is malformed',
    'a body that is not urlencoded',
    'send application/x-www-form-urlencoded',
  ),
  9002325: e(
    'a proof key is required',
    'a single-page app redeemed its code without code_verifier',
    'send code_verifier',
  ),
  9002326: e(
    'a cross-origin redemption is not allowed for this platform',
    'an Origin header with a client registered as web',
    'register the redirect URI as single-page app, or send no Origin',
  ),
  9002327: e(
    'a single-page app must redeem cross-origin',
    'a refresh without Origin',
    'register the redirect URI as web or native',
  ),
  900144: e(
    'a parameter is missing',
    'the body lacks a required parameter',
    'read the parameter that the text names',
  ),
  90002: e('the tenant was not found', 'a wrong tenant in the authority', 'compare the tenant id'),
  90014: e('a field is missing', 'the body lacks a required field', 'read the field that the text names'),
  90015: e(
    'the query is too long',
    'too many scopes in a GET',
    'send the request by POST, or ask for fewer scopes',
  ),
  90094: e(
    'an administrator must consent',
    'user consent is switched off in the tenant',
    'run `smartfhir apply` as an administrator; it consents for each client',
  ),
  901002: e(
    'the parameter resource is not supported',
    'a v1 parameter at a v2 endpoint',
    'leave resource out',
  ),
};

function e(meaning: string, cause: string, fix: string): AadstsEntry {
  return { meaning, cause, fix };
}
