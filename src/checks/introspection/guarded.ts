import { defineCheck, judge } from '../check.ts';
import { introspectionGuard } from '../evidence/introspection.ts';
import { say } from '../evidence/seen.ts';

export const guarded = defineCheck({
  meta: {
    id: 'introspection/guarded',
    title: 'Introspection needs authorization',
    severity: 'warn',
    specs: ['RFC 7662 2.1, 4'],
    requirements: ['SMART-INTROSPECT-011'],
    inferno: [],
    needs: { guard: introspectionGuard },
    fix: 'Refuse introspection without credentials with 401; SMART only says MAY, so this is a risk and no violation.',
  },
  judge({ guard: { anonymous } }) {
    return judge(
      anonymous.status === 401 ? undefined : `nobody in particular was answered ${say(anonymous)}`,
      { at: [anonymous.at] },
    );
  },
});
