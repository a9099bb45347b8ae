import { describe, expect, test } from 'vitest';
import { createRouteTable } from '../../../src/local/functions-host/route-table.ts';
import type { RegisteredFunction } from '../../../src/local/functions-host/worker-messages.ts';

function fn(route: string, methods: string[] = ['get']): RegisteredFunction {
  return { name: route, route, methods, authLevel: 'anonymous' };
}

const table = createRouteTable(
  [
    fn('{*path}'),
    fn('files/{*path}'),
    fn('items/{id:int}'),
    fn('items/{name}'),
    fn('items/special'),
    fn('opt/{a}/{b?}'),
    fn('posts', []),
  ],
  'api',
);

describe('createRouteTable', () => {
  test.each([
    ['/api', '{*path}', {}],
    ['/api/a/b', '{*path}', { path: 'a/b' }],
    ['/api/files/j/1', 'files/{*path}', { path: 'j/1' }],
    ['/api/items/7', 'items/{id:int}', { id: '7' }],
    ['/api/items/x%20y', 'items/{name}', { name: 'x y' }],
    ['/API/Items/Special', 'items/special', {}],
    ['/api/opt/1', 'opt/{a}/{b?}', { a: '1' }],
    ['/api/opt/1/2', 'opt/{a}/{b?}', { a: '1', b: '2' }],
  ])('%s → %s', (path, route, params) => {
    expect(table.match('GET', path)).toMatchObject({ function: { route }, params });
  });

  test('outside the prefix nothing matches', () => {
    expect(table.match('GET', '/apix')).toBeUndefined();
    expect(table.match('GET', '/')).toBeUndefined();
  });

  test('without methods a function takes GET and POST', () => {
    expect(table.match('POST', '/api/posts')?.function.route).toBe('posts');
    expect(table.match('DELETE', '/api/posts')).toBeUndefined();
  });

  test.each(['{id:range(1,2)}', 'a{b}', '{a}-{b}', '{id:nonsense}'])(
    'the template %s is refused',
    (route) => {
      expect(() => createRouteTable([fn(route)], 'api')).toThrow(/not understood/);
    },
  );
});
