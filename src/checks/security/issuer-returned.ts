import { defineCheck, fail, judge, skip } from '../check.ts';
import { codeJudge } from '../evidence/authorize.ts';
import { configurationBody } from '../evidence/configuration.ts';
import { standaloneAuthorization } from '../evidence/standalone.ts';

export const issuerReturned = defineCheck({
  meta: {
    id: 'security/issuer-returned',
    title: 'The redirect names its issuer',
    severity: 'warn',
    specs: ['RFC 9207 2'],
    requirements: ['OAUTH-SEC-007'],
    inferno: [],
    needs: { launch: standaloneAuthorization, config: configurationBody },
    fix: 'Add iss to authorization responses; it defends against mix-up.',
  },
  judge({ launch: { outcome }, config: { body } }) {
    if (outcome.kind !== 'code') return skip(`no code came (${codeJudge(outcome)} judges that)`);
    if (outcome.iss === null) return fail('the redirect has no iss', { at: outcome.at.slice(-1) });
    return judge(
      body['issuer'] === undefined || outcome.iss === body['issuer'] ? undefined : `iss is ${outcome.iss}`,
      { at: outcome.at.slice(-1) },
    );
  },
});
