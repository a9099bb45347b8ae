import type { CommandContext } from '../core/command.ts';
import { readOutputs, type StackOutputs } from '../provision/outputs.ts';
import { openSession, type Session } from '../provision/session.ts';
import { resolveEnvironment } from './resolve.ts';

/**
 * Reads what a provisioned environment says of itself, and keeps it open for the work.
 *
 * @throws SmartfhirError of the target, and `NOT_PROVISIONED`
 */
export async function withOutputs<T>(
  context: CommandContext,
  work: (outputs: StackOutputs, session: Session) => T | Promise<T>,
): Promise<T> {
  const environment = await resolveEnvironment(context);
  try {
    const session = await openSession(environment.provision);
    return await work(await readOutputs(session), session);
  } finally {
    await environment.close();
  }
}
