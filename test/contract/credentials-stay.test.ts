import { describe, expect, test } from 'vitest';
import { belowBase } from '../../src/checks/evidence/fhir-read.ts';
import { systemClock } from '../../src/core/clock.ts';
import { Redactor } from '../../src/core/redact.ts';
import { signIn } from '../../src/smart/app/sign-in.ts';
import type { TokenSet } from '../../src/smart/app/token.ts';
import { readAll } from '../../src/smart/launch/reads.ts';
import { Recorder } from '../../src/smart/recorder.ts';

const profile = { fhirUrl: 'https://fhir.example.org/r4', clients: {}, users: {}, patients: [] };

function recording(answer: (request: Request) => Response) {
  const seen: string[] = [];
  const recorder = new Recorder({
    fetch: async (request) => {
      seen.push(`${request.method} ${request.url}`);
      return answer(request);
    },
    redactor: new Redactor(),
    clock: systemClock,
    concurrency: 1,
  });
  return { wire: recorder.wire('test'), seen };
}

describe('credentials stay with the server they are for', () => {
  test.each([
    'https://evil.example/Patient/1',
    'https://fhir.example.org/r4evil/Patient/1',
    'http://fhir.example.org/r4/Patient/1',
  ])('an access token is not sent to a fhirUser at %s', async (fhirUser) => {
    const { wire, seen } = recording(() => Response.json({ resourceType: 'Patient' }));
    const payload = Buffer.from(JSON.stringify({ fhirUser })).toString('base64url');
    const tokens = { accessToken: 'secret-token', idToken: `e30.${payload}.x`, patient: 'p', scope: '' };
    await readAll(wire, profile, tokens as TokenSet);
    expect(seen).toEqual(['GET https://fhir.example.org/r4/Patient/p']);
    expect(belowBase(profile, fhirUser)).toBe(false);
  });

  test.each([307, 308])('a password is not repeated to another host by a %i', async (status) => {
    const form = '<form method="post"><input name="username"><input type="password" name="password"></form>';
    const { wire, seen } = recording((request) =>
      request.method === 'GET'
        ? new Response(form, { headers: { 'content-type': 'text/html' } })
        : new Response(null, { status, headers: { location: 'https://evil.example/steal' } }),
    );
    const outcome = await signIn({
      wire,
      request: { url: 'https://login.example.org/authorize' },
      redirectUri: 'https://app.example.org/callback',
      user: { username: 'u', password: 'planted-password' },
    });
    expect(outcome).toMatchObject({
      kind: 'stopped',
      text: expect.stringContaining('passes the password on'),
    });
    expect(seen.filter((line) => line.includes('evil'))).toEqual([]);
  });
});
