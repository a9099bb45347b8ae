import { describe, expect, test } from 'vitest';
import type { StandIn } from '../../../src/local/fabric.ts';
import { createRouter, type RequestLine } from '../../../src/local/router.ts';

const broken: StandIn = {
  name: 'broken',
  serves: (host) => host === 'broken.example',
  fetch: () => Promise.reject(new Error('defect')),
};

function router(lines: RequestLine[], defects: string[]): ReturnType<typeof createRouter> {
  return createRouter({
    mounted: () => [{ standIn: broken, origins: ['http://localhost:1'] }],
    now: () => 0,
    onRequest: (line) => lines.push(line),
    onDefect: (_standIn, text) => defects.push(text),
  });
}

describe('createRouter', () => {
  test('a defect of a stand-in is a 500 that tells nothing, and is logged', async () => {
    const [lines, defects]: [RequestLine[], string[]] = [[], []];
    const response = await router(lines, defects).fetch(new Request('https://broken.example/x?secret=1'));
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('defect');
    expect(defects.join()).toContain('defect');
    expect(lines).toEqual([
      {
        at: '1970-01-01T00:00:00.000Z',
        standIn: 'broken',
        method: 'GET',
        host: 'broken.example',
        path: '/x',
        status: 500,
        ms: 0,
      },
    ]);
  });

  test('names the owner of a host and of a plain origin', () => {
    const { owner } = router([], []);
    expect(owner(new URL('https://broken.example/'))?.name).toBe('broken');
    expect(owner(new URL('http://localhost:1/a'))?.name).toBe('broken');
    expect(owner(new URL('http://broken.example/'))).toBeUndefined();
    expect(owner(new URL('https://localhost:1/'))).toBeUndefined();
  });
});
