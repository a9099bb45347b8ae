import { defineCommand, textOption } from '../core/command.ts';

export const launchBackend = defineCommand({
  path: ['launch', 'backend'],
  summary: 'play a backend service: signed assertion, token, search, group export',
  options: {
    client: { flags: '--client <name>', summary: 'which registered client; the first that fits' },
    scope: { flags: '--scope <scopes>', summary: 'scopes to ask for; all registered ones by default' },
  },
  effects: {
    network: ['FHIR base URL', 'authorization server', 'export file host'],
    writes: ['--report-dir, when given; never FHIR data'],
  },
  examples: ['smartfhir launch backend --local'],
  async run(input, context) {
    const { resolveProfile } = await import('../environment/profile.ts');
    const { chooseClient } = await import('../smart/launch/choose.ts');
    const { runBackendLaunch } = await import('../smart/launch/backend-launch.ts');
    const { reportLaunch } = await import('../report/launch-result.ts');
    const resolved = await resolveProfile(context);
    try {
      const { profile, fetch } = resolved;
      const document = await runBackendLaunch({
        profile,
        fetch,
        clock: context.io.clock,
        version: context.version,
        signal: context.signal,
        client: chooseClient(profile, 'backend', textOption(input, 'client')),
        scope: textOption(input, 'scope'),
      });
      return await reportLaunch(document, context);
    } finally {
      await resolved.close();
    }
  },
});
