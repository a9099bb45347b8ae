import {
  type CommandContext,
  type CommandInput,
  defineCommand,
  flagOption,
  portOption,
  textOption,
} from '../core/command.ts';
import { SmartfhirError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Sequence } from '../smart/launch/sequence.ts';

export const launchEhr = defineCommand({
  path: ['launch', 'ehr'],
  summary: 'play the EHR: open an app for a patient, ours or another',
  options: {
    client: { flags: '--client <name>', summary: 'which registered app; the first that fits' },
    user: { flags: '--user <name>', summary: 'who signs in' },
    app: { flags: '--app <url>', summary: "launch URL of somebody else's app; ours by default" },
    urlOnly: { flags: '--url-only', summary: 'only create the launch and print the app URL' },
    patient: { flags: '--patient <id>', summary: 'patient that is open in the EHR' },
    encounter: { flags: '--encounter <id>', summary: 'encounter that is open in the EHR' },
    launch: { flags: '--launch <id>', summary: 'a launch handle made by another EHR' },
    scope: { flags: '--scope <scopes>', summary: 'scopes to ask for; all registered ones by default' },
    headless: { flags: '--headless', summary: 'sign in by script, without a person' },
    driver: {
      flags: '--driver <kind>',
      summary: 'what signs in with --headless',
      choices: ['script', 'browser'],
      default: 'script',
    },
    open: { flags: '--no-open', summary: 'print the URL, do not open a browser' },
    callbackPort: { flags: '--callback-port <port>', summary: 'port of our app; must be registered' },
  },
  effects: {
    network: ['FHIR base URL', 'authorization server', 'a loopback port for the app'],
    writes: ['--report-dir, when given; never FHIR data'],
  },
  examples: [
    'smartfhir launch ehr --local --headless',
    'smartfhir launch ehr --app http://localhost:4567/custom/smart/launch --url-only',
  ],
  async run(input, context) {
    const app = textOption(input, 'app');
    if (app !== undefined || flagOption(input, 'urlOnly')) return await playEhr(input, context, app);
    const { resolveProfile } = await import('../environment/profile.ts');
    const { chooseClient, chooseUser } = await import('../smart/launch/choose.ts');
    const { runLaunch } = await import('../smart/launch/run-launch.ts');
    const { exitCodeOf } = await import('../report/gate.ts');
    const { renderLaunch } = await import('../report/launch-terminal.ts');
    const { writeReports } = await import('../report/write-reports.ts');
    const { output, flags, io } = context;
    const callbackPort = portOption(input, 'callbackPort');
    const headless = flagOption(input, 'headless');
    const driver = !headless ? 'person' : textOption(input, 'driver') === 'browser' ? 'browser' : 'script';
    const resolved = await resolveProfile(context, undefined, { sockets: driver !== 'script' });
    try {
      const { profile, fetch } = resolved;
      const document = await runLaunch({
        kind: 'ehr',
        profile,
        fetch,
        clock: io.clock,
        version: context.version,
        signal: context.signal,
        client: chooseClient(profile, 'ehr', textOption(input, 'client')),
        user: chooseUser(profile, 'ehr', textOption(input, 'user')),
        scope: textOption(input, 'scope'),
        patient: textOption(input, 'patient'),
        encounter: textOption(input, 'encounter'),
        launch: textOption(input, 'launch'),
        env: io.env,
        driver,
        open: input.options['open'] !== false,
        callbackPort,
        onUrl: (url) => output.notice(`open    ${url}`),
      });
      if (flags.reportDir !== undefined) await writeReports(flags.reportDir, document);
      output.result(document, () =>
        renderLaunch(document, {
          style: output.style,
          width: output.width,
          reportDir: flags.reportDir,
          verbose: output.verbose > 0,
        }),
      );
      return exitCodeOf(document, 'error');
    } finally {
      await resolved.close();
    }
  },
});

async function playEhr(
  input: CommandInput,
  context: CommandContext,
  app: string | undefined,
): Promise<ExitCode> {
  const { resolveProfile } = await import('../environment/profile.ts');
  const { chooseClient, chooseUser } = await import('../smart/launch/choose.ts');
  const { runEhrOnly, createLaunchUrl } = await import('../smart/launch/ehr-only.ts');
  const { Sequence } = await import('../smart/launch/sequence.ts');
  const { openInBrowser } = await import('../smart/launch/run-launch.ts');
  const { exitCodeOf } = await import('../report/gate.ts');
  const { renderLaunch } = await import('../report/launch-terminal.ts');
  const { output, flags } = context;
  const resolved = await resolveProfile(context, undefined, { sockets: true, running: true });
  try {
    const { profile, fetch } = resolved;
    const client = chooseClient(profile, 'ehr', textOption(input, 'client'));
    const target = app ?? client.launchUrl;
    if (target === undefined || !URL.canParse(target)) {
      throw new SmartfhirError('MISSING_INPUT', 'the launch URL of the app is not known', {
        fix: 'give it with --app URL',
      });
    }
    const options = {
      profile,
      fetch,
      clock: context.io.clock,
      version: context.version,
      signal: context.signal,
      client,
      user: chooseUser(profile, 'ehr', textOption(input, 'user')),
      patient: textOption(input, 'patient'),
      encounter: textOption(input, 'encounter'),
      app: target,
      launch: textOption(input, 'launch'),
      headless: flagOption(input, 'headless'),
      open: async (url: string) => {
        output.notice(`open    ${url}`);
        if (input.options['open'] !== false) openInBrowser(url);
      },
    };
    if (flagOption(input, 'urlOnly')) {
      const sequence = new Sequence(options);
      const url = await createLaunchUrl(sequence, options);
      if (url === undefined) throw failureOf(sequence);
      output.result({ schema: 'smartfhir/launch-url/v1', url }, () => url);
      return ExitCode.ok;
    }
    const { document } = await runEhrOnly(options);
    output.result(document, () =>
      renderLaunch(document, {
        style: output.style,
        width: output.width,
        reportDir: flags.reportDir,
        verbose: false,
      }),
    );
    return exitCodeOf(document, 'error');
  } finally {
    await resolved.close();
  }
}

function failureOf(sequence: Sequence): SmartfhirError {
  const { results } = sequence.document({ asked: {}, granted: {}, context: {}, reads: [] });
  const failed = results.find((result) => result.outcome === 'fail' || result.outcome === 'error');
  return new SmartfhirError(
    failed?.outcome === 'error' ? 'UNREACHABLE' : 'OAUTH_REFUSED',
    failed?.message ?? 'no launch was created',
    failed?.fix ? { fix: failed.fix } : {},
  );
}
