import type { PolicyElement } from '../policy/element.ts';
import { PolicyFault } from '../policy/fault.ts';

const MAX_PERIOD_S = 300;

/**
 * A sliding window per key and gateway unit; the Consumption SKU does not have it (API Management policy
 * reference).
 */
export const rateLimitByKey: PolicyElement = {
  name: 'rate-limit-by-key',
  sections: ['inbound'],
  refusedBy: ['Consumption'],
  attributes: {
    calls: { required: true, type: 'integer', expression: true },
    'renewal-period': { required: true, type: 'integer', expression: true },
    'counter-key': { required: true, expression: true },
    'retry-after-header-name': {},
  },
  children: [],
  compile: (node, compiler) => {
    const calls = compiler.integer(node, 'calls');
    const period = compiler.integer(node, 'renewal-period');
    const key = compiler.text(node, 'counter-key');
    if (
      !compiler.isExpression(node, 'renewal-period') &&
      Number(compiler.literal(node, 'renewal-period')) > MAX_PERIOD_S
    ) {
      compiler.fail(node, `attribute 'renewal-period' must not exceed ${MAX_PERIOD_S}`);
    }
    const retryHeader = compiler.literal(node, 'retry-after-header-name') ?? 'Retry-After';
    return async (run) => {
      const limit = (await calls?.(run)) ?? 0;
      const windowMs = ((await period?.(run)) ?? 0) * 1000;
      const now = run.now();
      const counter = `${run.service.id} ${await key(run)}`;
      const { full, freeAt } = run.memory.count(counter, now, windowMs, limit);
      if (!full) return;
      const seconds = Math.max(1, Math.ceil((freeAt - now) / 1000));
      throw new PolicyFault({
        source: 'rate-limit-by-key',
        reason: 'RateLimitExceeded',
        message: `Rate limit is exceeded. Try again in ${seconds} seconds.`,
        status: 429,
        headers: { [retryHeader]: String(seconds) },
      });
    };
  },
};
