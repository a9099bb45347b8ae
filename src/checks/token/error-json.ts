import { defineCheck, fail, judge } from '../check.ts';
import { mediaType, oauthError, say } from '../evidence/seen.ts';
import { tokenEndpoint } from '../evidence/token-misuse.ts';

export const errorJson = defineCheck({
  meta: {
    id: 'token/error-json',
    title: 'Token errors are JSON objects with an error member',
    severity: 'error',
    specs: ['RFC 6749 5.2'],
    requirements: ['SMART-TOKEN-027', 'SMART-WK-005'],
    inferno: [],
    needs: { endpoint: tokenEndpoint },
    fix: 'Answer errors as application/json {"error": …}, also those of the gateway in front.',
  },
  judge({ endpoint: { emptyPost } }) {
    if (emptyPost.status < 400 || emptyPost.status >= 500)
      return fail(`an empty form was answered ${say(emptyPost)}`, { at: [emptyPost.at] });
    const right = mediaType(emptyPost) === 'application/json' && oauthError(emptyPost) !== undefined;
    return judge(
      right
        ? undefined
        : `the error is ${emptyPost.html ? 'an HTML page' : `${mediaType(emptyPost) || 'untyped'} without error`}`,
      { at: [emptyPost.at] },
    );
  },
});
