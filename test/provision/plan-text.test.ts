import { Chalk } from 'chalk';
import { expect, test } from 'vitest';
import type { PlanDocument } from '../../src/provision/plan-document.ts';
import { PLAN_SCHEMA } from '../../src/provision/plan-document.ts';
import { renderPlan } from '../../src/provision/plan-text.ts';

function rendered(from: string, to: string): string {
  const document: PlanDocument = {
    schema: PLAN_SCHEMA,
    env: 'dev',
    changes: [
      {
        id: 'functions/settings',
        type: 'settings',
        action: 'update',
        fields: [{ field: 'CLIENTS', from, to }],
      },
    ],
    summary: { create: 0, update: 1, replace: 0, delete: 0, adopt: 0, unchanged: 0 },
    notes: [],
  };
  return renderPlan(document, new Map(), { style: new Chalk({ level: 0 }), width: Number.POSITIVE_INFINITY });
}

test('a list of named things is shown by the parts that differ', () => {
  const clients = (...more: object[]): string =>
    JSON.stringify([{ name: 'first', note: 'x'.repeat(400) }, ...more]);
  const app = { name: 'my-app', auth: 'secret', redirectUris: ['http://localhost:1/a'] };
  expect(rendered(clients(app), clients({ ...app, redirectUris: ['http://localhost:2/b'] }))).toContain(
    '      CLIENTS.my-app.redirectUris: ["http://localhost:1/a"] → ["http://localhost:2/b"]\n\n',
  );
  expect(rendered(clients(app), clients())).toMatch(/CLIENTS\.my-app: \{"name":"my-app".* → removed\n/);
  expect(rendered(clients(), clients(app))).toMatch(/CLIENTS\.my-app: – → \{"name":"my-app"/);
});

test.each([
  ['[{"name":', '[{"name":"a"}]'],
  ['[{"id":1}]', '[{"id":2}]'],
  ['[{"name":"a"},{"name":"b"}]', '[{"name":"b"},{"name":"a"}]'],
])('any other text is shown as it is: %s', (from, to) => {
  expect(rendered(from, to)).toContain(`CLIENTS: ${from} → ${to}`);
});

test('short values are shown whole', () => {
  expect(rendered('on', 'off')).toContain('CLIENTS: on → off');
});
