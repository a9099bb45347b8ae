import { ArmError } from '../arm/resource-type.ts';
import { PolicyRefused } from './policy/document.ts';

/** API Management's 400: one detail per mistake. */
export function validationError(...mistakes: readonly { target: string; message: string }[]): ArmError {
  const details = mistakes.map(({ target, message }) => ({ code: 'ValidationError', target, message }));
  return new ArmError(400, 'ValidationError', 'One or more fields contain incorrect values:', details);
}

/** Runs a check of a policy document; its refusals become ARM's. */
export function checkingPolicy<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof PolicyRefused)) throw error;
    throw validationError(...error.errors.map(({ element, message }) => ({ target: element, message })));
  }
}
