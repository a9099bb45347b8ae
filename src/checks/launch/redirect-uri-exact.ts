import { defineCheck, fail, judge } from '../check.ts';
import { sayOutcome } from '../evidence/authorize.ts';
import { redirectUris } from '../evidence/redirect-uris.ts';

export const redirectUriExact = defineCheck({
  meta: {
    id: 'launch/redirect-uri-exact',
    title: 'redirect_uri is compared exactly and never redirected to when it differs',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-4-authorization-code (redirect_uri)', 'RFC 9700 2.1, 4.1.3'],
    requirements: ['SMART-AUTHZ-005', 'OAUTH-SEC-001'],
    inferno: [],
    needs: { uris: redirectUris },
    fix: 'Compare redirect_uri with the registered values as strings; on mismatch show an error page.',
  },
  judge({ uris: { variants } }) {
    const followed = variants.filter(({ outcome }) => outcome.kind !== 'page');
    if (followed.length > 0) {
      return fail(
        `redirected to ${followed.map(({ what, outcome }) => `${what} with ${sayOutcome(outcome)}`).join('; ')}`,
        { at: followed.flatMap(({ outcome }) => outcome.at.slice(-1)) },
      );
    }
    const broken = variants.find(({ outcome }) => (outcome.status ?? 500) >= 500);
    return judge(
      broken === undefined ? undefined : `${broken.what} was answered with ${sayOutcome(broken.outcome)}`,
    );
  },
});
