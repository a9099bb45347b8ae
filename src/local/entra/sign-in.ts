import { ENTRA_LOCKOUT } from '../beliefs.ts';
import { directoryOf } from '../directory/directory.ts';
import type { User } from '../directory/objects.ts';
import { hashPassword, verifyPassword } from '../directory/password.ts';
import type { Fabric } from '../fabric.ts';
import { AadError } from './aadsts.ts';

interface Failures {
  readonly count: number;
  readonly lockedUntil: number;
}

/** Compared against when the user is unknown, so that both cases take as long. */
let decoy: Promise<string> | undefined;

/**
 * Checks user name and password.
 *
 * @throws AadError 50034 unknown user, 50053 locked, 50055 must be changed, 50057 disabled, 50126 wrong password
 */
export async function signIn(fabric: Fabric, username: string, password: string): Promise<User> {
  const user = directoryOf(fabric).userByPrincipalName(username.trim());
  if (user === undefined) {
    decoy ??= hashPassword('nobody');
    await verifyPassword(password, await decoy);
    throw new AadError(
      50034,
      `The user account does not exist in the '${fabric.tenantId}' directory. To sign into this application, the ` +
        'account must be added to the directory.',
    );
  }
  demandNotLocked(fabric, user);
  if (!(await verifyPassword(password, user.passwordHash))) {
    countFailure(fabric, user);
    throw new AadError(50126, 'Error validating credentials due to invalid username or password.');
  }
  failuresOf(fabric).delete(user.id);
  if (!user.accountEnabled) throw new AadError(50057, 'The user account is disabled.');
  if (user.forceChangePasswordNextSignIn) throw new AadError(50055, 'The password is expired.');
  return user;
}

function demandNotLocked(fabric: Fabric, user: User): void {
  const failures = failuresOf(fabric).get(user.id);
  if (failures === undefined || failures.lockedUntil <= fabric.clock.now()) return;
  throw new AadError(
    50053,
    "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
  );
}

function countFailure(fabric: Fabric, user: User): void {
  const count = (failuresOf(fabric).get(user.id)?.count ?? 0) + 1;
  const locked = count >= ENTRA_LOCKOUT.failures;
  const lockedUntil = locked ? fabric.clock.now() + ENTRA_LOCKOUT.milliseconds : 0;
  failuresOf(fabric).put(user.id, { count: locked ? 0 : count, lockedUntil });
}

function failuresOf(fabric: Fabric) {
  return fabric.store.collection<Failures>('entra-sign-in-failures');
}
