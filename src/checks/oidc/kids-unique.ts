import { defineCheck, judge, skip } from '../check.ts';
import { keys } from '../evidence/keys.ts';

export const kidsUnique = defineCheck({
  meta: {
    id: 'oidc/kids-unique',
    title: 'Every published key has a kid of its own',
    severity: 'warn',
    specs: ['RFC 7517 4.5'],
    requirements: ['OIDC-008'],
    inferno: [],
    needs: { keys },
    fix: 'Give each key its own kid.',
  },
  judge({ keys: { keys: list, answer } }) {
    if (list === null) return skip('there is no key set (oidc/keys-published judges that)');
    const kids = list.flatMap((key) => key.kid ?? []);
    return judge(new Set(kids).size === kids.length ? undefined : 'two keys have the same kid', {
      at: [answer.at],
    });
  },
});
