import { defineCommand, flagOption, portOption, textOption } from '../core/command.ts';

export const launchStandalone = defineCommand({
  path: ['launch', 'standalone'],
  summary: 'play an app that starts by itself and asks for a patient',
  options: {
    client: { flags: '--client <name>', summary: 'which registered app; the first that fits' },
    user: { flags: '--user <name>', summary: 'who signs in' },
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
    'smartfhir launch standalone --local --headless',
    'smartfhir launch standalone --client patient-public --no-open',
  ],
  async run(input, context) {
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
        kind: 'standalone',
        profile,
        fetch,
        clock: io.clock,
        version: context.version,
        signal: context.signal,
        client: chooseClient(profile, 'standalone', textOption(input, 'client')),
        user: chooseUser(profile, 'standalone', textOption(input, 'user')),
        scope: textOption(input, 'scope'),
        patient: undefined,
        encounter: undefined,
        launch: undefined,
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
