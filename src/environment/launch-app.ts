import {
  type CommandContext,
  type CommandInput,
  flagOption,
  portOption,
  textOption,
} from '../core/command.ts';
import type { LaunchDocument } from '../smart/launch/app-launch.ts';
import { chooseClient, chooseUser } from '../smart/launch/choose.ts';
import { runLaunch } from '../smart/launch/run-launch.ts';
import type { ProfileUser } from '../smart/server-profile.ts';
import { resolveProfile } from './profile.ts';

/** A launch of our sample app, by itself or out of our EHR, as the options of the command say. */
export async function launchApp(
  kind: 'standalone' | 'ehr',
  input: CommandInput,
  context: CommandContext,
): Promise<LaunchDocument> {
  const callbackPort = portOption(input, 'callbackPort');
  const driver = driverOf(input);
  const resolved = await resolveProfile(context, undefined, { sockets: driver !== 'script' });
  try {
    const { profile, fetch } = resolved;
    const user = chooseUser(profile, kind, textOption(input, 'user'));
    return await runLaunch({
      kind,
      profile,
      fetch,
      clock: context.io.clock,
      version: context.version,
      signal: context.signal,
      client: chooseClient(profile, kind, textOption(input, 'client')),
      user,
      scope: textOption(input, 'scope'),
      patient: textOption(input, 'patient'),
      encounter: textOption(input, 'encounter'),
      launch: textOption(input, 'launch'),
      env: context.io.env,
      driver,
      open: input.options['open'] !== false,
      callbackPort,
      onUrl: (url) => {
        context.output.notice(`open    ${url}`);
        if (driver === 'person' && user !== undefined)
          context.output.notice(signInHint(user, resolved.config?.target));
      },
    });
  } finally {
    await resolved.close();
  }
}

/** What a person needs at the sign-in page. Passwords of the laptop protect made-up data and are shown. */
function signInHint(user: ProfileUser, target: string | undefined): string {
  const password = target === 'embedded' ? `   password ${user.password}` : '';
  return `sign in as ${user.username}${password}\nwaiting for the app to come back; Ctrl-C ends it`;
}

function driverOf(input: CommandInput): 'script' | 'browser' | 'person' {
  if (!flagOption(input, 'headless')) return 'person';
  return textOption(input, 'driver') === 'browser' ? 'browser' : 'script';
}
