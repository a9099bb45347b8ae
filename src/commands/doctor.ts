import { defineCommand, listOption, textOption } from '../core/command.ts';
import { SmartfhirError } from '../core/errors.ts';
import { Stop } from '../core/io.ts';
import type { FailOn } from '../report/gate.ts';

export const doctor = defineCommand({
  path: ['doctor'],
  summary: 'check a SMART on FHIR server against the specifications',
  arguments: [{ name: '[url]', summary: 'FHIR base URL; without it, the environment of smartfhir.yaml' }],
  options: {
    only: { flags: '--only <pattern...>', summary: 'run these checks or groups; * is a wildcard' },
    skip: { flags: '--skip <pattern...>', summary: 'leave these checks or groups out' },
    failOn: {
      flags: '--fail-on <severity>',
      summary: 'what makes the exit code 3; default: doctor.failOn of smartfhir.yaml, else error',
      choices: ['error', 'warn', 'never'],
    },
    from: { flags: '--from <run>', summary: 'judge a kept run again: run id, folder or result.json' },
  },
  effects: {
    network: ['FHIR base URL', 'the endpoints it publishes'],
    writes: ['.smartfhir/runs beside smartfhir.yaml', '--report-dir, when given; never FHIR data'],
  },
  examples: [
    'smartfhir doctor https://fhir.example.org/r4',
    'smartfhir doctor --local --only discovery token',
    'smartfhir doctor --from report/result.json',
  ],
  async run(input, context) {
    const { checks } = await import('../checks/index.ts');
    const { selectChecks } = await import('../checks/select.ts');
    const { judgeAgain, readDocument, runChecks } = await import('../checks/runner.ts');
    const { exitCodeOf } = await import('../report/gate.ts');
    const { renderResult } = await import('../report/terminal.ts');
    const { writeReports } = await import('../report/write-reports.ts');
    const { output, flags, signal } = context;
    const chosen = selectChecks(checks, { only: listOption(input, 'only'), skip: listOption(input, 'skip') });
    const from = textOption(input, 'from');
    let configured: FailOn | undefined;
    let project: string | undefined;
    const gather = async () => {
      if (from !== undefined) {
        const { readRun } = await import('../report/runs.ts');
        const { projectFolder } = await import('../environment/state-folder.ts');
        return judgeAgain(readDocument(await readRun(flags.cwd, from, await projectFolder(flags))), chosen);
      }
      const { resolveProfile } = await import('../environment/profile.ts');
      const resolved = await resolveProfile(context, input.args[0]);
      configured = resolved.config?.doctor.failOn;
      project = resolved.project;
      try {
        const judge = async () =>
          await runChecks({
            checks: chosen,
            profile: resolved.profile,
            fetch: resolved.fetch,
            clock: context.io.clock,
            version: context.version,
            signal,
            onEvidence: (id, done, total) => output.debug(`${done}/${total} ${id}`),
          });
        if (output.verbose > 0) return await judge();
        return await output.wait(`judging ${resolved.profile.fhirUrl}`, judge);
      } finally {
        await resolved.close();
      }
    };
    const document = await gather();
    if (flags.reportDir !== undefined) await writeReports(flags.reportDir, document);
    const { keepRun } = await import('../report/runs.ts');
    const run = project === undefined ? undefined : await keepRun(project, document);
    if (signal.aborted)
      throw signal.reason instanceof Stop ? signal.reason : new SmartfhirError('INTERRUPTED', 'stopped');
    output.result(document, () =>
      renderResult(document, {
        style: output.style,
        width: output.width,
        reportDir: flags.reportDir,
        run,
        verbose: output.verbose > 0,
      }),
    );
    const failOn = textOption(input, 'failOn');
    return exitCodeOf(document, (failOn as FailOn | undefined) ?? configured ?? 'error');
  },
});
