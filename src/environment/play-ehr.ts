import { type CommandContext, type CommandInput, flagOption, textOption } from '../core/command.ts';
import { SmartfhirError } from '../core/errors.ts';
import type { LaunchDocument } from '../smart/launch/app-launch.ts';
import { chooseClient, chooseUser } from '../smart/launch/choose.ts';
import { createLaunchUrl, type EhrOnlyOptions, runEhrOnly } from '../smart/launch/ehr-only.ts';
import { openInBrowser } from '../smart/launch/run-launch.ts';
import { type ResolvedProfile, resolveProfile } from './profile.ts';

/** The EHR alone: opens somebody else's app, in a browser or by script. */
export function openOtherApp(input: CommandInput, context: CommandContext): Promise<LaunchDocument> {
  return withEhr(input, context, runEhrOnly);
}

/** The EHR alone: the app's launch URL, for somebody else to open. */
export function otherAppUrl(input: CommandInput, context: CommandContext): Promise<string> {
  return withEhr(input, context, createLaunchUrl);
}

async function withEhr<T>(
  input: CommandInput,
  context: CommandContext,
  play: (options: EhrOnlyOptions) => Promise<T>,
): Promise<T> {
  const resolved = await resolveProfile(context, undefined, { sockets: true, running: true });
  try {
    return await play(optionsOf(input, context, resolved));
  } finally {
    await resolved.close();
  }
}

/** @throws SmartfhirError `MISSING_INPUT` when nobody named the app's launch URL */
function optionsOf(
  input: CommandInput,
  context: CommandContext,
  { profile, fetch }: ResolvedProfile,
): EhrOnlyOptions {
  const client = chooseClient(profile, 'ehr', textOption(input, 'client'));
  const app = textOption(input, 'app') ?? client.launchUrl;
  if (app === undefined || !URL.canParse(app)) {
    throw new SmartfhirError('MISSING_INPUT', 'the launch URL of the app is not known', {
      fix: 'give it with --app URL',
    });
  }
  return {
    profile,
    fetch,
    clock: context.io.clock,
    version: context.version,
    signal: context.signal,
    client,
    user: chooseUser(profile, 'ehr', textOption(input, 'user')),
    patient: textOption(input, 'patient'),
    encounter: textOption(input, 'encounter'),
    app,
    launch: textOption(input, 'launch'),
    headless: flagOption(input, 'headless'),
    open: (url) => {
      context.output.notice(`open    ${url}`);
      if (input.options['open'] !== false) openInBrowser(url);
    },
  };
}
