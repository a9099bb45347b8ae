import { covers, parseScopeList, resourceScopes } from '../../smart/scopes.ts';
import { defineCheck, judge } from '../check.ts';
import { session } from '../evidence/standalone.ts';

export const withinRequest = defineCheck({
  meta: {
    id: 'scopes/within-request',
    title: 'Nothing is granted that was not asked for',
    severity: 'error',
    specs: ['RFC 6749 3.3', 'SMART 2.2.0 app-launch#step-5-access-token'],
    requirements: ['SMART-TOKEN-028', 'SMART-SCOPE-029'],
    inferno: ['1.9.09'],
    needs: { session },
    fix: 'Grant at most what the request asked for.',
  },
  judge({ session: { body, asked, at } }) {
    const outer = parseScopeList(asked).scopes;
    const words = new Set(asked.split(' '));
    const granted = parseScopeList(String(body['scope'] ?? ''));
    const wide = resourceScopes(outer);
    const extra = granted.scopes.filter((scope) =>
      scope.kind === 'resource' ? !wide.some((asking) => covers(asking, scope)) : !words.has(scope.text),
    );
    // Words that are no SMART scopes are judged by scopes/syntax-kept.
    return judge(
      extra.length === 0 ? undefined : `not asked for: ${extra.map((scope) => scope.text).join(', ')}`,
      { at: [at] },
    );
  },
});
