import { describe, expect, test } from 'vitest';
import { AuthorizedHttp } from '../../src/azure/authorized-http.ts';
import { isFailure } from '../../src/azure/failure.ts';
import { defaultLocalConfig } from '../../src/config/load.ts';
import { markedSeed } from '../../src/data/seed/marked-seed.ts';
import { SEED_GROUP } from '../../src/data/seed/seed.ts';
import { seedData } from '../../src/environment/seed-resource.ts';
import type { StackContext } from '../../src/provision/context.ts';
import type { Tools } from '../../src/provision/tools.ts';
import { type Answer, clockAt, countingCredential, script } from '../azure/script.ts';

const { resources, fingerprint } = markedSeed();
const WANT = { fhirUrl: 'https://ws-fhir.fhir.azurehealthcareapis.com', audience: 'app-id', fingerprint };
const group = resources.find(({ id }) => id === SEED_GROUP);

const kinds = (seed: 'demo' | 'none') => {
  const config = defaultLocalConfig();
  return seedData({ config: { ...config, data: { ...config.data, seed } } } as StackContext);
};

function seed(...answers: Answer[]) {
  const server = script(...answers);
  const refusals: unknown[] = [];
  const waiting: string[] = [];
  const tools = {
    http: new AuthorizedHttp(server.fetch, countingCredential(), clockAt()),
    target: { fetch: server.fetch },
    step: { signal: new AbortController().signal, waiting: (text: string) => void waiting.push(text) },
    untilEffective: async (_: string, work: () => Promise<unknown>) => {
      try {
        return await work();
      } catch (error) {
        refusals.push(error);
        throw error;
      }
    },
  } as unknown as Tools;
  const [resource] = kinds('demo');
  if (resource === undefined) throw new Error('no seed');
  return { resource, tools, calls: server.calls, refusals, waiting };
}

test('is part of a stack only where the configuration asks for it', () => {
  expect(kinds('none')).toEqual([]);
  expect(kinds('demo')).toHaveLength(1);
});

describe('what is there', () => {
  test('is told by the fingerprint of the group, read with a token for the FHIR service', async () => {
    const { resource, tools, calls } = seed({ status: 200, body: group });
    const found = await resource.read(tools, WANT);
    expect(found).toEqual({ have: { fingerprint }, ownership: 'ours' });
    expect(resource.diff(WANT, found?.have)).toEqual([]);
    expect(calls[0]?.url).toBe(`${WANT.fhirUrl}/Group/${SEED_GROUP}`);
  });

  test('of another making is to be loaded again', async () => {
    const { resource, tools } = seed({ status: 200, body: { ...group, identifier: [] } });
    const found = await resource.read(tools, WANT);
    expect(resource.diff(WANT, found?.have)).toEqual([{ field: 'data', from: '', to: fingerprint }]);
  });

  test.each([401, 403, 404, 410])('%i: nothing that could be seen', async (status) => {
    const { resource, tools } = seed({ status, body: { resourceType: 'OperationOutcome' } });
    expect(await resource.read(tools, WANT)).toBeUndefined();
  });

  test.each<[string, Answer]>([
    ['no JSON', { status: 200 }],
    ['a refusal that is none of these', { status: 400, body: {} }],
  ])('%s is told with its address', async (_, answer) => {
    const { resource, tools } = seed(answer);
    await expect(resource.read(tools, WANT)).rejects.toMatchObject({
      code: 'RESPONSE_INVALID',
      message: expect.stringContaining(`${WANT.fhirUrl}/Group/${SEED_GROUP}`),
    });
  });
});

describe('loading', () => {
  test('refused for want of a role is a refusal of Azure: the wait for the role knows it', async () => {
    const { resource, tools, refusals } = seed({ status: 403, body: {} });
    await expect(resource.apply(tools, WANT, undefined)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(refusals.map((error) => isFailure(error, 403))).toEqual([true]);
  });

  test('that is answered with nonsense is not repeated as if a role was missing', async () => {
    const { resource, tools, refusals } = seed({ status: 200, body: { resourceType: 'Bundle' } });
    await expect(resource.apply(tools, WANT, undefined)).rejects.toMatchObject({ code: 'RESPONSE_INVALID' });
    expect(refusals.map((error) => isFailure(error, 403))).toEqual([false]);
  });
});

test('destroying leaves the patients to the service they are in', async () => {
  const { resource, tools, calls } = seed();
  await resource.destroy(tools, { fingerprint });
  expect(calls).toEqual([]);
  expect(resource.outputs({ fingerprint })).toEqual({ group: SEED_GROUP });
});
