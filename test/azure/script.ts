import { manualClock } from '../../src/core/clock.ts';
import type { Credential, FetchLike } from '../../src/core/target.ts';

export interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

export type Answer = { status: number; body?: unknown; headers?: Record<string, string> } | Error;

/** A server that gives prepared answers, in order; one too many requests is an error. */
export function script(...answers: Answer[]): { fetch: FetchLike; calls: Call[] } {
  const calls: Call[] = [];
  const rest = [...answers];
  return {
    calls,
    fetch: async (request) => {
      const body = await request.text();
      calls.push({ method: request.method, url: request.url, headers: request.headers, body });
      const answer = rest.shift();
      if (answer === undefined) throw new Error(`no answer prepared for ${request.method} ${request.url}`);
      if (answer instanceof Error) throw answer;
      const text = answer.body === undefined ? null : JSON.stringify(answer.body);
      const headers = { 'content-type': 'application/json', ...answer.headers };
      return new Response(answer.status === 204 ? null : text, { status: answer.status, headers });
    },
  };
}

export const NOW = Date.UTC(2026, 10, 24);
export const clockAt = () => manualClock(NOW);

/** Counts how often a token was asked for. */
export function countingCredential(lifetimeMs = 3_600_000): Credential & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    getToken: async (scope) => {
      asked.push(String(scope));
      return { token: `token-${asked.length}`, expiresOnTimestamp: NOW + lifetimeMs };
    },
  };
}
