import { Chalk } from 'chalk';
import { describe, expect, test } from 'vitest';
import { SmartfhirError } from '../../src/core/errors.ts';
import type { ApplyEvent, ApplyResult } from '../../src/provision/engine/apply.ts';
import type { Plan } from '../../src/provision/engine/plan.ts';
import type { FieldChange } from '../../src/provision/engine/resource.ts';
import {
  applyDocument,
  type ChangeDocument,
  destroyDocument,
  PLAN_SCHEMA,
  type PlanDocument,
  planDocument,
} from '../../src/provision/plan-document.ts';
import { progressLine, progressReporter, renderPlan } from '../../src/provision/plan-text.ts';

const NOW = Date.UTC(2026, 10, 24, 12, 30, 5);
const event = (more: Partial<ApplyEvent> = {}): ApplyEvent => ({
  kind: 'start',
  id: 'vault',
  label: 'key vault kv',
  action: 'create',
  elapsedMs: 0,
  ...more,
});

describe('progress', () => {
  test.each<[Partial<ApplyEvent>, string]>([
    [{ kind: 'start' }, '12:30:05 start   vault  create'],
    [{ kind: 'waiting', elapsedMs: 61_000, text: 'Creating' }, '12:30:05 waiting vault  1 min 1 s  Creating'],
    [{ kind: 'done', elapsedMs: 2_000 }, '12:30:05 done    vault  2.0 s'],
  ])('%j', (more, line) => {
    expect(progressLine(event(more), NOW)).toBe(line);
  });

  test('a failure tells code, message, cause and fix', () => {
    const error = new SmartfhirError('FORBIDDEN', 'may not', { why: 'no role', fix: 'give it one' });
    expect(progressLine(event({ kind: 'failed', error }), NOW).split('\n')).toEqual([
      '12:30:05 failed  vault  FORBIDDEN may not',
      '         cause  no role',
      '         fix    give it one',
    ]);
  });

  test('what is awaited is told every 15 seconds and per resource, the rest at once', () => {
    const lines: string[] = [];
    let now = NOW;
    const report = progressReporter(
      (line) => lines.push(line),
      () => now,
    );
    const wait = (id: string, seconds: number): void => {
      now = NOW + seconds * 1000;
      report(event({ kind: 'waiting', id, elapsedMs: seconds * 1000, text: `${seconds}` }));
    };
    report(event());
    for (const seconds of [0, 14, 15, 16, 29, 30]) wait('vault', seconds);
    wait('apim', 31);
    report(event({ kind: 'done' }));
    expect(lines.map((line) => line.split(/\s+/).slice(1, 3).join(' '))).toEqual([
      'start vault',
      'waiting vault',
      'waiting vault',
      'waiting apim',
      'done vault',
    ]);
    expect(lines[1]).toMatch(/ 15$/);
    expect(lines[2]).toMatch(/ 30$/);
  });
});

const text = (document: PlanDocument, width = 100): string =>
  renderPlan(document, new Map([['vault', 'key vault kv']]), { style: new Chalk({ level: 0 }), width });
const changed = (action: ChangeDocument['action'], more: Partial<ChangeDocument> = {}): ChangeDocument => ({
  id: 'vault',
  type: 'key-vault',
  action,
  fields: [],
  ...more,
});
const NONE = { create: 0, update: 0, replace: 0, delete: 0, adopt: 0, unchanged: 0 };
const document = (more: Partial<PlanDocument> = {}): PlanDocument => ({
  schema: PLAN_SCHEMA,
  env: 'dev',
  changes: [],
  summary: NONE,
  notes: [],
  ...more,
});

describe('a plan for people', () => {
  test('without changes is one line', () => {
    expect(text(document({ summary: { ...NONE, unchanged: 3 } }))).toBe(
      'dev: no changes; 3 resources are as they should be',
    );
  });

  test.each<[ChangeDocument['action'], string, string]>([
    ['create', '+', '1 to create'],
    ['update', '~', '1 to update'],
    ['replace', '±', '1 to replace'],
    ['delete', '-', '1 to delete'],
    ['adopt', '=', '1 to adopt'],
    ['detach', '·', '1 to detach'],
  ])('%s', (action, sign, sum) => {
    const summary = action === 'detach' ? NONE : { ...NONE, [action]: 1 };
    const shown = text(document({ changes: [changed(action)], summary: { ...summary, unchanged: 2 } }));
    expect(shown).toMatch(new RegExp(`^dev\n\n  ${sign.replace('+', '\\+')} vault +key vault kv\n`));
    expect(shown).toContain(`Plan: ${sum}, 2 unchanged`);
  });

  test.each<ChangeDocument['action']>(['create', 'delete'])('%s does not list fields', (action) => {
    const fields = [{ field: 'sku', from: null, to: 'B1' }];
    expect(text(document({ changes: [changed(action, { fields })] }))).not.toContain('sku');
  });

  test('a field says what was, what will be, and when that needs a new resource', () => {
    const digest = 'ab'.repeat(32);
    const fields: FieldChange[] = [
      { field: 'sku', from: 'B1', to: 'B2', replaces: true },
      { field: 'url', from: 'x', to: null },
      { field: 'package', from: null, to: digest },
      { field: 'policy', from: 'p'.repeat(90), to: 'q'.repeat(90) },
    ];
    const shown = text(document({ changes: [changed('replace', { fields })] }));
    expect(shown).toContain('      sku: B1 → B2  (must be made anew)\n');
    expect(shown).toContain('      url: x → (known after apply, or removed)\n');
    expect(shown).toContain('      package: – → abababababab…\n');
    expect(shown).not.toContain(digest);
    expect(shown).toMatch(/ {6}policy: p+…?\n {12}→ q+/);
    for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('notes are wrapped below the sum', () => {
    const shown = text(document({ changes: [changed('create')], notes: ['word '.repeat(40).trim()] }));
    expect(shown.split('  note  ')[1]?.split('\n').length).toBeGreaterThan(2);
  });
});

describe('documents', () => {
  const change = { id: 'fhir/service', type: 'fhir', label: 'l', action: 'create', fields: [] } as const;
  const plan = { changes: [change], unchanged: ['a', 'b'] } as unknown as Plan;
  const result = (more: Partial<ApplyResult>): ApplyResult => ({
    statuses: new Map(),
    errors: new Map(),
    outputs: {},
    complete: false,
    ...more,
  });
  const failure = new SmartfhirError('AZURE_REFUSED', 'no', { fix: 'wait' });

  test('a plan counts its changes and what stays', () => {
    expect(planDocument('dev', plan)).toMatchObject({
      schema: PLAN_SCHEMA,
      env: 'dev',
      summary: { create: 1, unchanged: 2 },
    });
    expect(JSON.stringify(planDocument('dev', plan))).not.toContain('"label"');
  });

  test('what was not reached is stopped, what failed says why', () => {
    const [reached] = applyDocument('dev', plan, result({})).changes;
    expect(reached).toMatchObject({ status: 'stopped' });
    const [failed] = applyDocument(
      'dev',
      plan,
      result({
        statuses: new Map([['fhir/service', 'failed']]),
        errors: new Map([['fhir/service', failure]]),
      }),
    ).changes;
    expect(failed).toMatchObject({
      status: 'failed',
      error: { code: 'AZURE_REFUSED', message: 'no', fix: 'wait' },
    });
  });

  test('a failure at what was to stay as it is is told as well', () => {
    const { changes } = applyDocument(
      'dev',
      plan,
      result({ statuses: new Map([['a', 'failed']]), errors: new Map([['a', failure]]) }),
    );
    expect(changes.map(({ id, type, status }) => [id, type, status])).toEqual([
      ['fhir/service', 'fhir', 'stopped'],
      ['a', 'unchanged', 'failed'],
    ]);
  });

  test('a destruction lists what it would end, afterwards how that went and what Azure keeps', () => {
    const items = [
      { id: 'vault', type: 'key-vault', label: 'l', action: 'delete' },
      { id: 'fhir/service', type: 'fhir', label: 'l', action: 'detach' },
    ] as const;
    const before = destroyDocument('dev', items);
    expect(before.summary).toEqual({ ...NONE, delete: 1 });
    expect(before.changes.every((item) => !('status' in item))).toBe(true);
    const after = destroyDocument('dev', items, {
      statuses: new Map([['vault', 'done']]),
      errors: new Map(),
      complete: false,
    });
    expect(after.changes.map(({ status }) => status)).toEqual(['done', 'stopped']);
  });
});
