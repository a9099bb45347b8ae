import { APP_OPTIONS } from '../core/app-options.ts';
import { defineCommand } from '../core/command.ts';

export const launchStandalone = defineCommand({
  path: ['launch', 'standalone'],
  summary: 'play an app that starts by itself and asks for a patient',
  options: APP_OPTIONS,
  effects: {
    network: ['FHIR base URL', 'authorization server', 'a loopback port for the app'],
    writes: ['--report-dir, when given; never FHIR data'],
  },
  examples: [
    'smartfhir launch standalone --local --headless',
    'smartfhir launch standalone --client patient-public --no-open',
  ],
  async run(input, context) {
    const { launchApp } = await import('../environment/launch-app.ts');
    const { reportLaunch } = await import('../report/launch-result.ts');
    return await reportLaunch(await launchApp('standalone', input, context), context);
  },
});
