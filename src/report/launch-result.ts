import type { CommandContext } from '../core/command.ts';
import type { ExitCode } from '../core/exit-codes.ts';
import type { ResultDocument } from '../core/result.ts';
import { exitCodeOf } from './gate.ts';
import { renderLaunch } from './launch-terminal.ts';
import { writeReports } from './write-reports.ts';

/** How every launch ends: reports where they are wanted, the result, the exit code. */
export async function reportLaunch(document: ResultDocument, context: CommandContext): Promise<ExitCode> {
  const { output } = context;
  const { reportDir } = context.flags;
  if (reportDir !== undefined) await writeReports(reportDir, document);
  output.result(document, () =>
    renderLaunch(document, {
      style: output.style,
      width: output.width,
      reportDir,
      verbose: output.verbose > 0,
    }),
  );
  return exitCodeOf(document, 'error');
}
