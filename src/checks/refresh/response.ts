import { isObject } from '../../smart/json.ts';
import { defineCheck, fail, judge } from '../check.ts';
import { refreshed } from '../evidence/refresh.ts';
import { say } from '../evidence/seen.ts';

export const response = defineCheck({
  meta: {
    id: 'refresh/response',
    title: 'A refresh returns a whole token response',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-7-refresh'],
    requirements: ['SMART-REFRESH-001', 'G10-020'],
    inferno: ['1.6.01', '1.6.02'],
    needs: { refreshed },
    fix: 'Return access_token, token_type, expires_in and scope.',
  },
  judge({ refreshed: { plain } }) {
    if (plain.status !== 200 || !isObject(plain.json))
      return fail(`the refresh was answered ${say(plain)}`, { at: [plain.at] });
    const body = plain.json;
    const missing = ['access_token', 'token_type', 'scope'].filter((name) => typeof body[name] !== 'string');
    if (typeof body['expires_in'] !== 'number') missing.push('expires_in');
    return judge(missing.length === 0 ? undefined : `missing: ${missing.join(', ')}`, { at: [plain.at] });
  },
});
