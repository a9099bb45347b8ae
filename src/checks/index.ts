import { assertionType } from './backend/assertion-type.ts';
import { expired } from './backend/expired.ts';
import { foreignIssuer } from './backend/foreign-issuer.ts';
import { foreignJku } from './backend/foreign-jku.ts';
import { foreignScope } from './backend/foreign-scope.ts';
import { grantType } from './backend/grant-type.ts';
import { invalidClient } from './backend/invalid-client.ts';
import { jtiReplay } from './backend/jti-replay.ts';
import { lifetime as backendLifetime } from './backend/lifetime.ts';
import { lifetimeLimit } from './backend/lifetime-limit.ts';
import { noExpiry } from './backend/no-expiry.ts';
import { noJti } from './backend/no-jti.ts';
import { noRefreshToken } from './backend/no-refresh-token.ts';
import { notYetValid } from './backend/not-yet-valid.ts';
import { response as backendResponse } from './backend/response.ts';
import { scopeRequired } from './backend/scope-required.ts';
import { symmetric } from './backend/symmetric.ts';
import { token as backendToken } from './backend/token.ts';
import { unknownKid } from './backend/unknown-kid.ts';
import { unsigned } from './backend/unsigned.ts';
import { withinRegistration } from './backend/within-registration.ts';
import { wrongAudience } from './backend/wrong-audience.ts';
import { wrongSignature } from './backend/wrong-signature.ts';
import { absoluteFileUrls } from './bulk/absolute-file-urls.ts';
import { cancel } from './bulk/cancel.ts';
import { contentLocation } from './bulk/content-location.ts';
import { counts } from './bulk/counts.ts';
import { declared } from './bulk/declared.ts';
import { deleteClientBound } from './bulk/delete-client-bound.ts';
import { deleteGuarded } from './bulk/delete-guarded.ts';
import { deletedIsGone } from './bulk/deleted-is-gone.ts';
import { fileClientBound } from './bulk/file-client-bound.ts';
import { fileGuarded } from './bulk/file-guarded.ts';
import { fileMediaType } from './bulk/file-media-type.ts';
import { kickOff } from './bulk/kick-off.ts';
import { kickOffGuarded } from './bulk/kick-off-guarded.ts';
import { manifest } from './bulk/manifest.ts';
import { ndjsonLines } from './bulk/ndjson-lines.ts';
import { outputFormats } from './bulk/output-formats.ts';
import { publicRequestUrl } from './bulk/public-request-url.ts';
import { rawFileHosts } from './bulk/raw-file-hosts.ts';
import { severalPatients } from './bulk/several-patients.ts';
import { statusClientBound } from './bulk/status-client-bound.ts';
import { statusGuarded } from './bulk/status-guarded.ts';
import { uniqueIds } from './bulk/unique-ids.ts';
import { usCoreTypes } from './bulk/us-core-types.ts';
import type { Check } from './check.ts';
import { ehrPatient } from './context/ehr-patient.ts';
import { encounterPresent } from './context/encounter-present.ts';
import { encounterReadable } from './context/encounter-readable.ts';
import { fhirContext } from './context/fhir-context.ts';
import { patientBanner } from './context/patient-banner.ts';
import { patientBareId } from './context/patient-bare-id.ts';
import { patientPresent } from './context/patient-present.ts';
import { patientReadable } from './context/patient-readable.ts';
import { smartStyleCheck } from './context/smart-style.ts';
import { strings } from './context/strings.ts';
import { authorizeClosed } from './cors/authorize-closed.ts';
import { fhirAnswer } from './cors/fhir-answer.ts';
import { fhirPreflight } from './cors/fhir-preflight.ts';
import { metadataCheck } from './cors/metadata.ts';
import { noReflection } from './cors/no-reflection.ts';
import { token as corsToken } from './cors/token.ts';
import { wellKnownCheck } from './cors/well-known.ts';
import { absoluteUrls } from './discovery/absolute-urls.ts';
import { anonymous } from './discovery/anonymous.ts';
import { anyAccept } from './discovery/any-accept.ts';
import { asymmetricAuthMethod } from './discovery/asymmetric-auth-method.ts';
import { authorizationEndpoint } from './discovery/authorization-endpoint.ts';
import { basicAuthMethod } from './discovery/basic-auth-method.ts';
import { capabilitiesKnown } from './discovery/capabilities-known.ts';
import { capabilitiesListed } from './discovery/capabilities-listed.ts';
import { capabilitySets } from './discovery/capability-sets.ts';
import { grantTypes } from './discovery/grant-types.ts';
import { introspectionEndpoint } from './discovery/introspection-endpoint.ts';
import { issuer } from './discovery/issuer.ts';
import { jwksUri } from './discovery/jwks-uri.ts';
import { metadataAgrees } from './discovery/metadata-agrees.ts';
import { pkcePlain as discoveryPkcePlain } from './discovery/pkce-plain.ts';
import { pkceS256 } from './discovery/pkce-s256.ts';
import { revocationEndpoint } from './discovery/revocation-endpoint.ts';
import { scopeGrammar } from './discovery/scope-grammar.ts';
import { scopesSupported } from './discovery/scopes-supported.ts';
import { served } from './discovery/served.ts';
import { signingAlgorithms } from './discovery/signing-algorithms.ts';
import { tokenEndpointCheck } from './discovery/token-endpoint.ts';
import { bearerChallenge } from './fhir/bearer-challenge.ts';
import { capabilityCodes } from './fhir/capability-codes.ts';
import { capabilityStatement } from './fhir/capability-statement.ts';
import { garbageToken } from './fhir/garbage-token.ts';
import { idTokenRefused } from './fhir/id-token-refused.ts';
import { invalidTokenNamed } from './fhir/invalid-token-named.ts';
import { jsonFormat } from './fhir/json-format.ts';
import { operationOutcome } from './fhir/operation-outcome.ts';
import { publicBase } from './fhir/public-base.ts';
import { publicLinks } from './fhir/public-links.ts';
import { search } from './fhir/search.ts';
import { searchTokenRequired } from './fhir/search-token-required.ts';
import { smartService } from './fhir/smart-service.ts';
import { tamperedToken } from './fhir/tampered-token.ts';
import { tokenInQuery } from './fhir/token-in-query.ts';
import { tokenRequired as fhirTokenRequired } from './fhir/token-required.ts';
import { unknownId } from './fhir/unknown-id.ts';
import { active } from './introspection/active.ts';
import { clientId } from './introspection/client-id.ts';
import { context } from './introspection/context.ts';
import { exp } from './introspection/exp.ts';
import { fhirUser as introspectionFhirUser } from './introspection/fhir-user.ts';
import { guarded } from './introspection/guarded.ts';
import { inactiveSaysNothing } from './introspection/inactive-says-nothing.ts';
import { scope } from './introspection/scope.ts';
import { subject } from './introspection/subject.ts';
import { tokenRequired as introspectionTokenRequired } from './introspection/token-required.ts';
import { unknownInactive } from './introspection/unknown-inactive.ts';
import { audAbsentGet } from './launch/aud-absent-get.ts';
import { audAbsentPost } from './launch/aud-absent-post.ts';
import { audWrongGet } from './launch/aud-wrong-get.ts';
import { audWrongPost } from './launch/aud-wrong-post.ts';
import { authorizePost } from './launch/authorize-post.ts';
import { codeIssued } from './launch/code-issued.ts';
import { denialCheck } from './launch/denial.ts';
import { ehrCodeIssued } from './launch/ehr-code-issued.ts';
import { ehrExchange } from './launch/ehr-exchange.ts';
import { errorRegistered } from './launch/error-registered.ts';
import { errorsStayHome } from './launch/errors-stay-home.ts';
import { forgedLaunch } from './launch/forged-launch.ts';
import { launchClientBound } from './launch/launch-client-bound.ts';
import { launchCreationCheck } from './launch/launch-creation.ts';
import { pkceMethodMissing } from './launch/pkce-method-missing.ts';
import { pkceMissing } from './launch/pkce-missing.ts';
import { pkcePlain as launchPkcePlain } from './launch/pkce-plain.ts';
import { redirectUriExact } from './launch/redirect-uri-exact.ts';
import { redirectUriRequired as launchRedirectUriRequired } from './launch/redirect-uri-required.ts';
import { repeatedParameter as launchRepeatedParameter } from './launch/repeated-parameter.ts';
import { replayedLaunch } from './launch/replayed-launch.ts';
import { responseType } from './launch/response-type.ts';
import { stateOnError } from './launch/state-on-error.ts';
import { stateRequired } from './launch/state-required.ts';
import { stateReturned } from './launch/state-returned.ts';
import { unknownClient } from './launch/unknown-client.ts';
import { discovery } from './oidc/discovery.ts';
import { fhirUser as oidcFhirUser } from './oidc/fhir-user.ts';
import { fhirUserResolves } from './oidc/fhir-user-resolves.ts';
import { idTokenAudience } from './oidc/id-token-audience.ts';
import { idTokenClaims } from './oidc/id-token-claims.ts';
import { idTokenIssuer } from './oidc/id-token-issuer.ts';
import { idTokenSignatureCheck } from './oidc/id-token-signature.ts';
import { idTokenTimes } from './oidc/id-token-times.ts';
import { issuerAgrees } from './oidc/issuer-agrees.ts';
import { jwksAgrees } from './oidc/jwks-agrees.ts';
import { keysPublic } from './oidc/keys-public.ts';
import { keysPublished } from './oidc/keys-published.ts';
import { kidsUnique } from './oidc/kids-unique.ts';
import { metadataComplete } from './oidc/metadata-complete.ts';
import { nonce } from './oidc/nonce.ts';
import { rs256Listed } from './oidc/rs256-listed.ts';
import { clientAuthentication as refreshClientAuthentication } from './refresh/client-authentication.ts';
import { clientBound as refreshClientBound } from './refresh/client-bound.ts';
import { narrowerHonoured } from './refresh/narrower-honoured.ts';
import { neverWidens } from './refresh/never-widens.ts';
import { noStore as refreshNoStore } from './refresh/no-store.ts';
import { publicRotationCheck } from './refresh/public-rotation.ts';
import { response as refreshResponse } from './refresh/response.ts';
import { reuseDetected } from './refresh/reuse-detected.ts';
import { reuseEndsFamily } from './refresh/reuse-ends-family.ts';
import { sameScope } from './refresh/same-scope.ts';
import { tokenWorks } from './refresh/token-works.ts';
import { unknownToken as refreshUnknownToken } from './refresh/unknown-token.ts';
import { accepted } from './revocation/accepted.ts';
import { accessEnds } from './revocation/access-ends.ts';
import { clientBound as revocationClientBound } from './revocation/client-bound.ts';
import { introspectionAgrees } from './revocation/introspection-agrees.ts';
import { refreshEnds } from './revocation/refresh-ends.ts';
import { unknownToken as revocationUnknownToken } from './revocation/unknown-token.ts';
import { batch } from './scopes/batch.ts';
import { categoriesChoosable } from './scopes/categories-choosable.ts';
import { compartment } from './scopes/compartment.ts';
import { count } from './scopes/count.ts';
import { grantedEqualsChosen } from './scopes/granted-equals-chosen.ts';
import { include } from './scopes/include.ts';
import { insufficientScope } from './scopes/insufficient-scope.ts';
import { keptTypeReadable } from './scopes/kept-type-readable.ts';
import { launchPatient } from './scopes/launch-patient.ts';
import { otherPatientIdList } from './scopes/other-patient-id-list.ts';
import { otherPatientPostSearch } from './scopes/other-patient-post-search.ts';
import { otherPatientRead } from './scopes/other-patient-read.ts';
import { otherPatientSearch } from './scopes/other-patient-search.ts';
import { refusedTypeRead } from './scopes/refused-type-read.ts';
import { refusedTypeSearch } from './scopes/refused-type-search.ts';
import { revinclude } from './scopes/revinclude.ts';
import { syntaxKept } from './scopes/syntax-kept.ts';
import { unfilteredSearch } from './scopes/unfiltered-search.ts';
import { withinRequest } from './scopes/within-request.ts';
import { asymmetricOffered } from './security/asymmetric-offered.ts';
import { errorPageCheck } from './security/error-page.ts';
import { forwardedHost } from './security/forwarded-host.ts';
import { framing } from './security/framing.ts';
import { issuerReturned } from './security/issuer-returned.ts';
import { redirectAfterPost } from './security/redirect-after-post.ts';
import { referrer } from './security/referrer.ts';
import { httpsEndpoints } from './tls/https-endpoints.ts';
import { modern } from './tls/modern.ts';
import { oldVersions } from './tls/old-versions.ts';
import { accessTokenCharacters } from './token/access-token-characters.ts';
import { bogusCode } from './token/bogus-code.ts';
import { clientAuthentication as tokenClientAuthentication } from './token/client-authentication.ts';
import { codeClientBound } from './token/code-client-bound.ts';
import { codeReuseRevokes } from './token/code-reuse-revokes.ts';
import { codeSingleUse } from './token/code-single-use.ts';
import { errorJson } from './token/error-json.ts';
import { exchange } from './token/exchange.ts';
import { expiresIn } from './token/expires-in.ts';
import { idTokenIssued } from './token/id-token-issued.ts';
import { lifetime as tokenLifetime } from './token/lifetime.ts';
import { mediaType } from './token/media-type.ts';
import { noStore as tokenNoStore } from './token/no-store.ts';
import { noUninvitedRefreshToken } from './token/no-uninvited-refresh-token.ts';
import { passwordGrant } from './token/password-grant.ts';
import { postOnly } from './token/post-only.ts';
import { redirectUriBound } from './token/redirect-uri-bound.ts';
import { redirectUriRequired as tokenRedirectUriRequired } from './token/redirect-uri-required.ts';
import { refreshTokenIssued } from './token/refresh-token-issued.ts';
import { repeatedParameter as tokenRepeatedParameter } from './token/repeated-parameter.ts';
import { scopePresent } from './token/scope-present.ts';
import { tokenType } from './token/token-type.ts';
import { unknownGrant } from './token/unknown-grant.ts';
import { verifierAbsent } from './token/verifier-absent.ts';
import { verifierEmpty } from './token/verifier-empty.ts';
import { verifierIsChallenge } from './token/verifier-is-challenge.ts';
import { verifierWrong } from './token/verifier-wrong.ts';
import { wrongSecret } from './token/wrong-secret.ts';
import { clinicalNotes } from './us-core/clinical-notes.ts';
import { missingData } from './us-core/missing-data.ts';
import { profilesDeclared } from './us-core/profiles-declared.ts';
import { screeningCategories } from './us-core/screening-categories.ts';
import { serverDeclared } from './us-core/server-declared.ts';

/** Every check, group by group in the order of the report. */
export const checks: readonly Check[] = [
  served,
  anonymous,
  anyAccept,
  capabilitiesListed,
  capabilitiesKnown,
  capabilitySets,
  tokenEndpointCheck,
  authorizationEndpoint,
  grantTypes,
  pkceS256,
  discoveryPkcePlain,
  issuer,
  jwksUri,
  absoluteUrls,
  asymmetricAuthMethod,
  signingAlgorithms,
  basicAuthMethod,
  scopesSupported,
  scopeGrammar,
  introspectionEndpoint,
  revocationEndpoint,
  metadataAgrees,
  audWrongGet,
  audWrongPost,
  audAbsentGet,
  audAbsentPost,
  codeIssued,
  stateReturned,
  stateOnError,
  stateRequired,
  responseType,
  errorRegistered,
  launchRepeatedParameter,
  pkceMissing,
  launchPkcePlain,
  pkceMethodMissing,
  redirectUriExact,
  launchRedirectUriRequired,
  unknownClient,
  errorsStayHome,
  authorizePost,
  denialCheck,
  ehrCodeIssued,
  ehrExchange,
  forgedLaunch,
  replayedLaunch,
  launchClientBound,
  launchCreationCheck,
  exchange,
  mediaType,
  accessTokenCharacters,
  tokenType,
  scopePresent,
  expiresIn,
  tokenLifetime,
  tokenNoStore,
  idTokenIssued,
  refreshTokenIssued,
  noUninvitedRefreshToken,
  verifierAbsent,
  verifierEmpty,
  verifierWrong,
  verifierIsChallenge,
  codeSingleUse,
  codeReuseRevokes,
  codeClientBound,
  redirectUriBound,
  tokenRedirectUriRequired,
  bogusCode,
  tokenClientAuthentication,
  wrongSecret,
  unknownGrant,
  passwordGrant,
  tokenRepeatedParameter,
  postOnly,
  errorJson,
  discovery,
  issuerAgrees,
  metadataComplete,
  rs256Listed,
  jwksAgrees,
  keysPublished,
  keysPublic,
  kidsUnique,
  idTokenSignatureCheck,
  idTokenClaims,
  idTokenIssuer,
  idTokenAudience,
  idTokenTimes,
  nonce,
  oidcFhirUser,
  fhirUserResolves,
  refreshResponse,
  refreshNoStore,
  sameScope,
  tokenWorks,
  narrowerHonoured,
  neverWidens,
  refreshUnknownToken,
  refreshClientBound,
  refreshClientAuthentication,
  publicRotationCheck,
  reuseDetected,
  reuseEndsFamily,
  grantedEqualsChosen,
  refusedTypeSearch,
  refusedTypeRead,
  insufficientScope,
  keptTypeReadable,
  categoriesChoosable,
  withinRequest,
  syntaxKept,
  otherPatientRead,
  otherPatientSearch,
  otherPatientPostSearch,
  otherPatientIdList,
  unfilteredSearch,
  include,
  revinclude,
  compartment,
  count,
  batch,
  launchPatient,
  patientPresent,
  patientBareId,
  patientReadable,
  ehrPatient,
  encounterPresent,
  encounterReadable,
  patientBanner,
  smartStyleCheck,
  strings,
  fhirContext,
  active,
  scope,
  clientId,
  exp,
  context,
  subject,
  introspectionFhirUser,
  unknownInactive,
  inactiveSaysNothing,
  introspectionTokenRequired,
  guarded,
  accepted,
  accessEnds,
  revocationUnknownToken,
  revocationClientBound,
  introspectionAgrees,
  refreshEnds,
  backendToken,
  backendResponse,
  backendLifetime,
  noRefreshToken,
  withinRegistration,
  grantType,
  scopeRequired,
  foreignScope,
  wrongSignature,
  unsigned,
  symmetric,
  foreignIssuer,
  wrongAudience,
  expired,
  noExpiry,
  notYetValid,
  noJti,
  unknownKid,
  foreignJku,
  assertionType,
  lifetimeLimit,
  jtiReplay,
  invalidClient,
  kickOff,
  contentLocation,
  kickOffGuarded,
  declared,
  manifest,
  publicRequestUrl,
  absoluteFileUrls,
  rawFileHosts,
  ndjsonLines,
  fileMediaType,
  counts,
  uniqueIds,
  usCoreTypes,
  severalPatients,
  statusGuarded,
  statusClientBound,
  deleteGuarded,
  deleteClientBound,
  fileGuarded,
  fileClientBound,
  cancel,
  deletedIsGone,
  outputFormats,
  capabilityStatement,
  capabilityCodes,
  smartService,
  publicBase,
  fhirTokenRequired,
  searchTokenRequired,
  bearerChallenge,
  garbageToken,
  invalidTokenNamed,
  operationOutcome,
  tamperedToken,
  idTokenRefused,
  tokenInQuery,
  unknownId,
  jsonFormat,
  search,
  publicLinks,
  serverDeclared,
  profilesDeclared,
  clinicalNotes,
  screeningCategories,
  missingData,
  wellKnownCheck,
  metadataCheck,
  corsToken,
  fhirPreflight,
  fhirAnswer,
  noReflection,
  authorizeClosed,
  httpsEndpoints,
  modern,
  oldVersions,
  framing,
  referrer,
  redirectAfterPost,
  issuerReturned,
  forwardedHost,
  errorPageCheck,
  asymmetricOffered,
];
