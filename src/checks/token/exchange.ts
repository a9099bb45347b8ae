import { isObject } from '../../smart/json.ts';
import { defineCheck, fail, judge } from '../check.ts';
import { say } from '../evidence/seen.ts';
import { standaloneExchange } from '../evidence/standalone.ts';

export const exchange = defineCheck({
  meta: {
    id: 'token/exchange',
    title: 'A valid code is exchanged for a JSON token response',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-5-access-token', 'RFC 6749 4.1.3, 5.1'],
    requirements: ['SMART-TOKEN-001', 'SMART-SYM-001'],
    inferno: ['1.9.05', '2.4.05', '9.16.05'],
    needs: { exchange: standaloneExchange },
    fix: 'Answer 200 application/json with access_token to a correct redemption.',
  },
  judge({ exchange: { answer } }) {
    if (answer.status !== 200) return fail(`the code was answered ${say(answer)}`, { at: [answer.at] });
    const token = isObject(answer.json) ? answer.json['access_token'] : undefined;
    return judge(typeof token === 'string' && token !== '' ? undefined : 'the answer has no access_token', {
      at: [answer.at],
    });
  },
});
