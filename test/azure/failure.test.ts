import { describe, expect, test } from 'vitest';
import { failureOf, fromSdk, isFailure, refusal } from '../../src/azure/failure.ts';
import { SmartfhirError } from '../../src/core/errors.ts';

const body = (value: unknown): string => JSON.stringify(value);

describe('the deepest error comes first, with the hint that fits', () => {
  const cases: readonly [
    title: string,
    status: number,
    text: string,
    message: RegExp,
    codes: readonly string[],
  ][] = [
    [
      'plain',
      403,
      body({ error: { code: 'AuthorizationFailed', message: 'no' } }),
      /AuthorizationFailed: no$/,
      ['AuthorizationFailed'],
    ],
    [
      'in details',
      400,
      body({
        error: {
          code: 'ValidationError',
          message: 'outer',
          details: [{ code: 'InvalidPolicy', message: 'line 7' }],
        },
      }),
      /InvalidPolicy: line 7$/,
      ['ValidationError', 'InvalidPolicy'],
    ],
    [
      'quoted in a message',
      400,
      body({
        error: {
          code: 'DeploymentFailed',
          message: body({ error: { code: 'SkuNotAvailable', message: 'none here' } }),
        },
      }),
      /SkuNotAvailable: none here$/,
      ['DeploymentFailed', 'SkuNotAvailable'],
    ],
    [
      'inner error of Key Vault',
      403,
      body({ error: { code: 'Forbidden', message: 'no role', innererror: { code: 'ForbiddenByRbac' } } }),
      /ForbiddenByRbac: no role$/,
      ['Forbidden', 'ForbiddenByRbac'],
    ],
    [
      'XML of storage',
      409,
      '<Error><Code>ContainerAlreadyExists</Code><Message>there\nx</Message></Error>',
      /ContainerAlreadyExists: there$/,
      ['ContainerAlreadyExists'],
    ],
    ['an HTML page', 502, '<html>bad gateway</html>', /HTTP 502: <html>bad gateway/, []],
    ['nothing', 500, '', /HTTP 500: $/, []],
  ];
  for (const [title, status, text, message, codes] of cases) {
    test(title, () => {
      const error = refusal('PUT x', status, text);
      expect(error.message).toMatch(message);
      expect(failureOf(error)?.codes).toEqual(codes);
      expect(error.code).toBe(status === 403 ? 'FORBIDDEN' : 'AZURE_REFUSED');
    });
  }

  test('a known code brings its cause and fix', () => {
    const error = refusal(
      'PUT x',
      409,
      body({ error: { code: 'StorageAccountAlreadyTaken', message: 'taken' } }),
    );
    expect([error.why, error.fix]).toEqual([
      expect.stringContaining('somebody else'),
      expect.stringContaining('rename'),
    ]);
  });

  test('a huge message is cut', () => {
    expect(
      refusal('x', 400, body({ error: { code: 'C', message: 'y'.repeat(5000) } })).message.length,
    ).toBeLessThan(700);
  });
});

describe('errors of SDK clients', () => {
  test('RestError, GraphError and a failed operation become refusals', () => {
    const rest = Object.assign(new Error('x'), {
      statusCode: 404,
      code: 'ResourceNotFound',
      details: { error: { code: 'ResourceNotFound', message: 'm' } },
    });
    expect(isFailure(fromSdk('a', rest), 404, 'ResourceNotFound')).toBe(true);
    const graph = Object.assign(new Error('x'), {
      statusCode: 400,
      code: 'Request_BadRequest',
      body: body({ code: 'Request_BadRequest', message: 'why' }),
    });
    expect(failureOf(fromSdk('a', graph))?.message).toBe('why');
    const operation = new Error('The long-running operation has failed. QuotaExceeded. No cores left.');
    expect((fromSdk('a', operation) as SmartfhirError).message).toBe('a: QuotaExceeded: No cores left.');
    expect(isFailure(fromSdk('a', operation), 0)).toBe(true);
  });

  test('what is none of these stays what it is', () => {
    const bug = new TypeError('bug');
    expect(fromSdk('a', bug)).toBe(bug);
    const ours = new SmartfhirError('TIMEOUT', 't');
    expect(fromSdk('a', ours)).toBe(ours);
    const sending = Object.assign(new Error('ENOTFOUND'), { code: 'REQUEST_SEND_ERROR' });
    expect((fromSdk('a', sending) as SmartfhirError).code).toBe('UNREACHABLE');
  });
});
