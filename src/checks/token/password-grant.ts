import { defineCheck, judge } from '../check.ts';
import { oauthError, say } from '../evidence/seen.ts';
import { tokenMisuse } from '../evidence/token-misuse.ts';
import { tokenNotRefused } from '../refusals.ts';

export const passwordGrant = defineCheck({
  meta: {
    id: 'token/password-grant',
    title: 'The password grant is not offered',
    severity: 'error',
    specs: ['RFC 9700 2.4'],
    requirements: ['SMART-TOKEN-023'],
    inferno: [],
    needs: { misuse: tokenMisuse },
    fix: 'Refuse grant_type=password with unsupported_grant_type or unauthorized_client.',
  },
  judge({ misuse: { passwordGrant } }) {
    const error = oauthError(passwordGrant) ?? '';
    const offered = error === 'invalid_grant' || tokenNotRefused(passwordGrant) !== undefined;
    return judge(
      offered
        ? `the password grant was answered ${say(passwordGrant)}, which is how a server answers that offers it`
        : undefined,
      { at: [passwordGrant.at] },
    );
  },
});
