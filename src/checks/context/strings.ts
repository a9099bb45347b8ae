import { defineCheck, judge } from '../check.ts';
import { ehrSession } from '../evidence/ehr-launch.ts';

export const strings = defineCheck({
  meta: {
    id: 'context/strings',
    title: 'intent and tenant are strings',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#launch-context-arrives-with-your-access_token'],
    requirements: ['SMART-CTX-008'],
    inferno: [],
    needs: { session: ehrSession },
    fix: 'Return intent and tenant as strings or not at all.',
  },
  judge({ session: { body, at } }) {
    const wrong = ['intent', 'tenant'].filter(
      (name) => body[name] !== undefined && typeof body[name] !== 'string',
    );
    return judge(wrong.length === 0 ? undefined : `no string: ${wrong.join(', ')}`, { at: [at] });
  },
});
