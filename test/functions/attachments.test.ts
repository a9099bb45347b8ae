import { beforeEach, describe, expect, test } from 'vitest';
import { FHIR } from './fakes.ts';
import { BASE, createWorld, fhir, launchApp, type World } from './world.ts';

/** A Binary is in no patient's compartment: a document of the patient that has it as an attachment opens it. */

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const OURS = { resourceType: 'DocumentReference', id: 'd', subject: { reference: 'Patient/patient-a' } };
const withUrls = (...urls: unknown[]): object => ({
  ...OURS,
  content: urls.map((url) => ({ attachment: { url } })),
});

/** The FHIR service has these documents, page by page; `next` links as they are given. */
function documents(...pages: readonly { readonly entries: unknown; readonly next?: string }[]): URL[] {
  const asked: URL[] = [];
  const whole = world.fhir.fetch;
  world.fhir.fetch = async (request) => {
    const url = new URL(request.url);
    if (url.pathname !== '/DocumentReference') return whole(request);
    const page = pages[asked.length];
    asked.push(url);
    const entry = Array.isArray(page?.entries)
      ? page.entries.map((resource: unknown) => ({ resource }))
      : page?.entries;
    const link = page?.next === undefined ? [] : [{ relation: 'next', url: page.next }];
    return Response.json({ resourceType: 'Bundle', type: 'searchset', entry, link });
  };
  return asked;
}

const read = async (scope = 'launch/patient patient/*.rs openid'): Promise<number> => {
  const { body } = await launchApp(world, { parameters: { scope } });
  return (await fhir(world, body.access_token, 'Binary/bin-a')).status;
};

describe('an attachment by', () => {
  test.each<[string, unknown, number]>([
    ['its relative address', 'Binary/bin-a', 200],
    ['a version of it', 'Binary/bin-a/_history/2', 200],
    ['the address clients use', `${BASE}/Binary/bin-a`, 200],
    ['the address of the service', `${FHIR}/Binary/bin-a`, 200],
    ['an address elsewhere', 'https://evil.example/Binary/bin-a', 404],
    ['an address that only begins alike', `${FHIR}.evil.example/Binary/bin-a`, 404],
    ['a longer id', 'Binary/bin-ab', 404],
    ['what is no text', 7, 404],
    ['nothing', undefined, 404],
  ])('%s', async (_, url, status) => {
    documents({ entries: [withUrls('Binary/other', url)] });
    expect(await read()).toBe(status);
  });
});

describe('documents', () => {
  test.each<[string, unknown]>([
    ['of another patient', { ...withUrls('Binary/bin-a'), subject: { reference: 'Patient/patient-b' } }],
    ['of nobody', { resourceType: 'DocumentReference', content: [{ attachment: { url: 'Binary/bin-a' } }] }],
    ['without content', OURS],
    ['whose content is no list', { ...OURS, content: { attachment: { url: 'Binary/bin-a' } } }],
  ])('%s open nothing', async (_, document) => {
    documents({ entries: [document] });
    expect(await read()).toBe(404);
  });

  test('are asked for by the patient of the token', async () => {
    const [asked] = [documents({ entries: [withUrls('Binary/bin-a')] })];
    await read();
    expect(asked.map(({ searchParams }) => searchParams.get('patient'))).toEqual(['Patient/patient-a']);
  });

  test('that the token may not read open nothing', async () => {
    const asked = documents({ entries: [withUrls('Binary/bin-a')] });
    expect(await read('launch/patient patient/Binary.rs openid')).not.toBe(200);
    expect(asked).toEqual([]);
  });

  test('are looked through page by page, wherever the link leads: always at the service', async () => {
    const asked = documents(
      { entries: [], next: 'https://evil.example/elsewhere?ct=2&patient=Patient/patient-a' },
      { entries: [withUrls('Binary/bin-a')] },
    );
    expect(await read()).toBe(200);
    expect(asked.map(({ origin, searchParams }) => [origin, searchParams.get('ct')])).toEqual([
      [FHIR, null],
      [FHIR, '2'],
    ]);
  });

  test('are not looked through for ever', async () => {
    const endless = { entries: [], next: `${FHIR}/DocumentReference?ct=x` };
    const asked = documents(...new Array<typeof endless>(50).fill(endless));
    expect(await read()).toBe(404);
    expect(asked.length).toBeLessThanOrEqual(10);
  });

  test.each<[string, string | undefined]>([
    ['no link', undefined],
    ['a link that is none', 'not a url'],
  ])('%s ends the search', async (_, next) => {
    const asked = documents({ entries: 'nonsense', ...(next === undefined ? {} : { next }) });
    expect([await read(), asked.length]).toEqual([404, 1]);
  });
});
