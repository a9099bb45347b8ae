import { APP_OPTIONS } from '../core/app-options.ts';
import { defineCommand, flagOption, textOption } from '../core/command.ts';
import { ExitCode } from '../core/exit-codes.ts';

export const launchEhr = defineCommand({
  path: ['launch', 'ehr'],
  summary: 'play the EHR: open an app for a patient, ours or another',
  options: {
    app: { flags: '--app <url>', summary: "launch URL of somebody else's app; ours by default" },
    urlOnly: { flags: '--url-only', summary: 'only create the launch and print the app URL' },
    patient: { flags: '--patient <id>', summary: 'patient that is open in the EHR' },
    encounter: { flags: '--encounter <id>', summary: 'encounter that is open in the EHR' },
    launch: { flags: '--launch <id>', summary: 'a launch handle made by another EHR' },
    ...APP_OPTIONS,
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
    if (flagOption(input, 'urlOnly')) {
      const { otherAppUrl } = await import('../environment/play-ehr.ts');
      const url = await otherAppUrl(input, context);
      context.output.result({ schema: 'smartfhir/launch-url/v1', url }, () => url);
      return ExitCode.ok;
    }
    const { reportLaunch } = await import('../report/launch-result.ts');
    if (textOption(input, 'app') !== undefined) {
      const { openOtherApp } = await import('../environment/play-ehr.ts');
      return await reportLaunch(await openOtherApp(input, context), context);
    }
    const { launchApp } = await import('../environment/launch-app.ts');
    return await reportLaunch(await launchApp('ehr', input, context), context);
  },
});
