import type { Check } from '../checks/check.ts';
import type { DoctorDocument } from '../checks/runner.ts';
import {
  type CommandContext,
  type CommandInput,
  defineCommand,
  listOption,
  textOption,
} from '../core/command.ts';
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
    refuseContradictions(input, context);
    const { exitCodeOf } = await import('../report/gate.ts');
    const { renderResult } = await import('../report/terminal.ts');
    const { output, flags, signal } = context;
    const from = textOption(input, 'from');
    const { document, failOn, project } =
      from === undefined ? await judgeServer(input, context) : await judgeKept(input, context, from);
    if (flags.reportDir !== undefined) {
      const { writeReports } = await import('../report/write-reports.ts');
      await writeReports(flags.reportDir, document);
    }
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
    return exitCodeOf(document, (textOption(input, 'failOn') as FailOn | undefined) ?? failOn ?? 'error');
  },
});

interface Judged {
  readonly document: DoctorDocument;
  /** What smartfhir.yaml says. */
  readonly failOn?: FailOn | undefined;
  /** Where the run is kept. */
  readonly project?: string | undefined;
}

/** A URL, an environment and a kept run are three different things to judge. */
function refuseContradictions(input: CommandInput, { flags, io }: CommandContext): void {
  const named = [
    ...(input.args[0] === undefined ? [] : ['a URL']),
    // An environment variable is a habit of the shell, not a request.
    ...(flags.env === undefined || flags.env === io.env['SMARTFHIR_ENV']
      ? []
      : [`environment "${flags.env}"`]),
    ...(textOption(input, 'from') === undefined ? [] : ['a kept run']),
  ];
  if (named.length < 2) return;
  throw new SmartfhirError('USAGE', `${named.join(' and ')} cannot be judged at once`, {
    fix: 'name one of them; a URL with clients and users goes into smartfhir.yaml under environments.NAME.server',
    command: 'smartfhir doctor --help',
  });
}

async function chosenChecks(input: CommandInput): Promise<readonly Check[]> {
  const { checks } = await import('../checks/index.ts');
  const { selectChecks } = await import('../checks/select.ts');
  return selectChecks(checks, { only: listOption(input, 'only'), skip: listOption(input, 'skip') });
}

async function judgeKept(input: CommandInput, { flags }: CommandContext, from: string): Promise<Judged> {
  const { judgeAgain, readDocument } = await import('../checks/runner.ts');
  const { readRun } = await import('../report/runs.ts');
  const { projectFolder } = await import('../environment/state-folder.ts');
  const kept = readDocument(await readRun(flags.cwd, from, await projectFolder(flags)));
  return { document: judgeAgain(kept, await chosenChecks(input)) };
}

async function judgeServer(input: CommandInput, context: CommandContext): Promise<Judged> {
  const chosen = await chosenChecks(input);
  const { runChecks } = await import('../checks/runner.ts');
  const { resolveProfile } = await import('../environment/profile.ts');
  const { output } = context;
  const { profile, fetch, config, project, close } = await resolveProfile(context, input.args[0]);
  const judge = () =>
    runChecks({
      checks: chosen,
      profile,
      fetch,
      clock: context.io.clock,
      version: context.version,
      signal: context.signal,
      onEvidence: (id, done, total) => output.debug(`${done}/${total} ${id}`),
    });
  try {
    const document = await (output.verbose > 0 ? judge() : output.wait(`judging ${profile.fhirUrl}`, judge));
    return { document, failOn: config?.doctor.failOn, project };
  } finally {
    await close();
  }
}
