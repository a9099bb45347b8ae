import { isObject } from '../../smart/json.ts';
import { defineCheck, fail, judge } from '../check.ts';
import { ehrExchange as exchanged } from '../evidence/ehr-launch.ts';
import { say } from '../evidence/seen.ts';

export const ehrExchange = defineCheck({
  meta: {
    id: 'launch/ehr-exchange',
    title: 'The code of an EHR launch is exchanged for a JSON token response',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-5-access-token', 'RFC 6749 4.1.3, 5.1'],
    requirements: ['SMART-TOKEN-001'],
    inferno: ['3.8.07', '3.8.08'],
    needs: { exchange: exchanged },
    fix: 'Answer 200 application/json with access_token to a correct redemption, after EHR launches too.',
  },
  judge({ exchange: { answer } }) {
    const at = [answer.at];
    if (answer.status !== 200) return fail(`the code of the EHR launch was answered ${say(answer)}`, { at });
    const token = isObject(answer.json) ? answer.json['access_token'] : undefined;
    return judge(typeof token === 'string' && token !== '' ? undefined : 'the answer has no access_token', {
      at,
    });
  },
});
