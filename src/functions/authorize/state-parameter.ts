import { required } from '../parameters.ts';
import type { Check } from './check.ts';

/** SMART 2.2.0 app-launch#step-4: `state` is required, and comes back unmodified. */
export const stateParameter: Check = ({ parameters }) => ({ state: required(parameters, 'state') });
