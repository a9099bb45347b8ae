import { defineCheck, judge, skip } from '../check.ts';
import { keys } from '../evidence/keys.ts';

export const keysPublic = defineCheck({
  meta: {
    id: 'oidc/keys-public',
    title: 'No private key is published',
    severity: 'error',
    specs: ['OpenID Connect Discovery 1.0 section 3'],
    requirements: ['OIDC-007'],
    inferno: [],
    needs: { keys },
    fix: 'Remove the private members at once and replace the key.',
  },
  judge({ keys: { keys: list, answer } }) {
    if (list === null) return skip('there is no key set (oidc/keys-published judges that)');
    const leaked = [...new Set(list.flatMap((key) => key.privateMembers))];
    return judge(
      leaked.length === 0 ? undefined : `private or symmetric members are published: ${leaked.join(', ')}`,
      { at: [answer.at] },
    );
  },
});
