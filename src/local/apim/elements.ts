import { authenticationManagedIdentity } from './elements/authentication-managed-identity.ts';
import { base } from './elements/base.ts';
import { checkHeader } from './elements/check-header.ts';
import { choose } from './elements/choose.ts';
import { cors } from './elements/cors.ts';
import { findAndReplace } from './elements/find-and-replace.ts';
import { forwardRequest } from './elements/forward-request.ts';
import { includeFragment } from './elements/include-fragment.ts';
import { ipFilter } from './elements/ip-filter.ts';
import { rateLimitByKey } from './elements/rate-limit-by-key.ts';
import { returnResponse } from './elements/return-response.ts';
import { rewriteUri } from './elements/rewrite-uri.ts';
import { setBackendService } from './elements/set-backend-service.ts';
import { setBody } from './elements/set-body.ts';
import { setHeader } from './elements/set-header.ts';
import { setMethod } from './elements/set-method.ts';
import { setQueryParameter } from './elements/set-query-parameter.ts';
import { setStatus } from './elements/set-status.ts';
import { setVariable } from './elements/set-variable.ts';
import { trace } from './elements/trace.ts';
import { validateAzureAdToken } from './elements/validate-azure-ad-token.ts';
import { validateJwt } from './elements/validate-jwt.ts';
import type { PolicyElement } from './policy/element.ts';

/** The policy elements this gateway runs. Any other is refused when the policy is saved. */
export const ELEMENTS: ReadonlyMap<string, PolicyElement> = new Map(
  [
    authenticationManagedIdentity,
    base,
    checkHeader,
    choose,
    cors,
    findAndReplace,
    forwardRequest,
    includeFragment,
    ipFilter,
    rateLimitByKey,
    returnResponse,
    rewriteUri,
    setBackendService,
    setBody,
    setHeader,
    setMethod,
    setQueryParameter,
    setStatus,
    setVariable,
    trace,
    validateAzureAdToken,
    validateJwt,
  ].map((element) => [element.name, element]),
);
