import { parseJson } from '../../smart/json.ts';
import { shape } from '../../smart/recordable-body.ts';
import type { Answer } from '../../smart/recorder.ts';

/** One answer as checks see it. */
export interface Seen {
  /** The recorded exchange. */
  readonly at: string;
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON body, health data reduced to its shape; null when it is not JSON. */
  readonly json: unknown;
  /** Does the body look like an HTML page? */
  readonly html: boolean;
  readonly empty: boolean;
}

export function seen(answer: Answer): Seen {
  return {
    at: answer.at,
    status: answer.status,
    headers: Object.fromEntries([...answer.headers].filter(([name]) => name !== 'set-cookie')),
    json: shape(parseJson(answer.text) ?? null),
    html: /^\s*<(!doctype|html)/i.test(answer.text),
    empty: answer.text.trim() === '',
  };
}

/** `400 invalid_grant`, `200`, `500 with an HTML page`: an answer in a few words. */
export function say(answer: Seen): string {
  const error = oauthError(answer);
  if (error !== undefined) return `${answer.status} ${error}`;
  if (answer.html) return `${answer.status} with an HTML page`;
  return answer.empty ? `${answer.status} with an empty body` : `${answer.status}`;
}

/** The `error` member of an OAuth error body. */
export function oauthError(answer: Seen): string | undefined {
  const { json } = answer;
  if (typeof json !== 'object' || json === null || !('error' in json)) return undefined;
  return typeof json.error === 'string' ? json.error : undefined;
}

export function mediaType(answer: Seen): string {
  return (answer.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** The FHIR resource type of the body. */
export function resourceType(answer: Seen): string | undefined {
  const { json } = answer;
  if (typeof json !== 'object' || json === null || !('resourceType' in json)) return undefined;
  return typeof json.resourceType === 'string' ? json.resourceType : undefined;
}
