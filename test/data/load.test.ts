import { describe, expect, test } from 'vitest';
import type { FetchLike } from '../../src/core/target.ts';
import { loadResources } from '../../src/data/load.ts';

const resources = Array.from({ length: 450 }, (_, at) => ({ resourceType: 'Patient', id: `p${at}` }));
interface SentBundle {
  readonly entry: readonly { readonly request: { readonly method: string; readonly url: string } }[];
}

function service(statusOf: (url: string) => string): { fetch: FetchLike; sent: SentBundle[] } {
  const sent: SentBundle[] = [];
  return {
    sent,
    fetch: async (request) => {
      const bundle = (await request.json()) as SentBundle;
      sent.push(bundle);
      const entry = bundle.entry.map(({ request: { url } }) => ({
        response: { status: statusOf(url), outcome: { issue: [{ diagnostics: 'because' }] } },
      }));
      return Response.json({ resourceType: 'Bundle', type: 'batch-response', entry });
    },
  };
}

const options = (fetch: FetchLike) => ({ fetch, fhirUrl: 'https://x.fhir.example', token: 't-secret-token' });

describe('loadResources', () => {
  test('updates everything in order, in bundles below the limit of the service', async () => {
    const { fetch, sent } = service((url) => (url === 'Patient/p0' ? '200 OK' : '201 Created'));
    expect(await loadResources(resources, options(fetch))).toEqual({ created: 449, updated: 1 });
    expect(sent.map((bundle) => bundle.entry.length)).toEqual([200, 200, 50]);
    expect(sent[0]!.entry[0]!.request).toEqual({ method: 'PUT', url: 'Patient/p0' });
  });

  test('names the first resource that was refused, and the reason of the service', async () => {
    const { fetch } = service((url) => (url === 'Patient/p7' ? '400' : '201'));
    await expect(loadResources(resources, options(fetch))).rejects.toThrow(
      'Patient/p7 was refused with 400: because',
    );
  });

  test('a refusal of the whole bundle names the role that is missing', async () => {
    const fetch: FetchLike = async () => new Response(null, { status: 403 });
    await expect(loadResources(resources, options(fetch))).rejects.toMatchObject({
      code: 'FORBIDDEN',
      fix: expect.stringContaining('FHIR Data Contributor'),
    });
  });

  test.each([
    ['HTML', new Response('<html>', { status: 200 })],
    ['too few entries', Response.json({ resourceType: 'Bundle', entry: [] })],
    ['500', new Response('{}', { status: 500 })],
  ])('an answer of %s is invalid, never a success', async (_name, answer) => {
    await expect(
      loadResources(
        resources.slice(0, 2),
        options(async () => answer.clone()),
      ),
    ).rejects.toMatchObject({
      code: 'RESPONSE_INVALID',
    });
  });
});
