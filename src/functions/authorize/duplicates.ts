import { refuseDuplicates } from '../parameters.ts';
import type { Check } from './check.ts';

const PARAMETERS = [
  'response_type',
  'scope',
  'state',
  'aud',
  'resource',
  'launch',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'prompt',
  'login_hint',
  'response_mode',
  'max_age',
];

/** RFC 6749 section 3.1: request parameters must not be included more than once. */
export const duplicates: Check = ({ parameters }) => {
  refuseDuplicates(parameters, PARAMETERS);
  return {};
};
