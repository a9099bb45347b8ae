import { loadConfig } from '../config/load.ts';
import { systemClock } from '../core/clock.ts';
import type { GlobalFlags } from '../core/command.ts';
import { SmartfhirError } from '../core/errors.ts';
import type { Target } from '../core/target.ts';
import { describeOwnStack } from './own-profile.ts';
import { opened } from './resolve.ts';

/** What `local status` shows of a provisioned stack; `fhir` is null and `users` empty before `apply`. */
export interface StackFacts {
  readonly fhir: string | null;
  readonly users: readonly {
    readonly username: string;
    readonly password: string;
    readonly fhirUser: string;
  }[];
}

/** Milliseconds for looking at a stack whose status is asked. */
const BUDGET_MS = 20_000;

export async function describe(
  target: Target,
  flags: Pick<GlobalFlags, 'cwd' | 'config'>,
): Promise<StackFacts> {
  const loaded = await loadConfig({ cwd: flags.cwd, file: flags.config, env: 'local' });
  const io = { clock: systemClock } as Parameters<typeof opened>[0]['io'];
  const signal = AbortSignal.timeout(BUDGET_MS);
  try {
    const environment = opened({ io, signal }, loaded, target, async () => undefined);
    const { profile } = await describeOwnStack(environment.provision);
    const users = Object.values(profile.users).map(({ username, password, fhirUser }) => ({
      username,
      password,
      fhirUser: fhirUser ?? '',
    }));
    return { fhir: profile.fhirUrl, users };
  } catch (error) {
    if (error instanceof SmartfhirError && error.code === 'NOT_PROVISIONED') return { fhir: null, users: [] };
    throw error;
  }
}
