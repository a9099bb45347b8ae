import { type AuthorizeOutcome, sayOutcome } from './evidence/authorize.ts';
import type { RedemptionFacts } from './evidence/code-redemption.ts';
import type { SearchSeen } from './evidence/fhir-read.ts';
import { type Seen, say } from './evidence/seen.ts';

/** What several checks call a refusal. Each answers with the problem, or undefined when it was refused well. */

/** An authorization request that must not lead to a code: an error redirect or a page of the server. */
export function notRefused(outcome: AuthorizeOutcome): string | undefined {
  if (outcome.kind === 'error') return undefined;
  if (outcome.kind === 'page' && (outcome.status ?? 500) < 500) return undefined;
  return `was answered with ${sayOutcome(outcome)}`;
}

/** A token request that must fail with a 4xx and without a token. */
export function tokenNotRefused(answer: Seen): string | undefined {
  const { json } = answer;
  const token = typeof json === 'object' && json !== null && 'access_token' in json;
  if (token) return `was answered ${answer.status} with an access token`;
  return answer.status >= 400 && answer.status < 500 ? undefined : `was answered ${say(answer)}`;
}

export function redemptionNotRefused(redemption: RedemptionFacts): string | undefined {
  return tokenNotRefused(redemption.answer);
}

/** A request with a token that must not be let through: 401 or 403. */
export function accessNotRefused(answer: Seen): string | undefined {
  return answer.status === 401 || answer.status === 403 ? undefined : `was answered ${say(answer)}`;
}

/** A read of another patient: 401, 403 or 404. */
export function strangerShown(answer: Seen): string | undefined {
  return [401, 403, 404].includes(answer.status) ? undefined : `was answered ${say(answer)}`;
}

/** A search that may be refused or answered, but never with rows of anybody but `own`. */
export function strangersFound(search: SearchSeen, own: string): string | undefined {
  const { answer, patients } = search;
  if (answer.status >= 500) return `was answered ${say(answer)}`;
  if (answer.status !== 200) return undefined;
  const others = patients.filter((patient) => patient !== own);
  return others.length === 0
    ? undefined
    : `returned rows of ${others.length} other patient${others.length > 1 ? 's' : ''}`;
}
