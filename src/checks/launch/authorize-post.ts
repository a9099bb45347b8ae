import { defineCheck, judge } from '../check.ts';
import { sayOutcome } from '../evidence/authorize.ts';
import { postAuthorize } from '../evidence/post-authorize.ts';

export const authorizePost = defineCheck({
  meta: {
    id: 'launch/authorize-post',
    title: 'The authorization request works as a form POST',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-4-authorization-code', 'capability authorize-post'],
    requirements: ['SMART-AUTHZ-002'],
    inferno: ['3.8.04'],
    needs: { posted: postAuthorize },
    fix: 'Accept the authorization parameters in a form body exactly as in the query.',
  },
  judge({ posted: { outcome } }) {
    return judge(outcome.kind === 'code' ? undefined : `the posted request led to ${sayOutcome(outcome)}`, {
      at: outcome.at.slice(-1),
    });
  },
});
