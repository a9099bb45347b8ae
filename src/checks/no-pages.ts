import { notApplicable, skip, type Verdict } from './check.ts';
import type { StandaloneAuthorizationFacts } from './evidence/standalone.ts';

/** Pages of a launch that showed none: either it needs none, or it did not get that far. */
export function noPages({ outcome }: StandaloneAuthorizationFacts): Verdict {
  return outcome.kind === 'code'
    ? notApplicable('the launch showed no page')
    : skip('the launch ended before any page was shown (launch/code-issued judges that)');
}
