import { defineCommand } from '../core/command.ts';
import { SmartfhirError } from '../core/errors.ts';
import type { ExitCode } from '../core/exit-codes.ts';

export const localExec = defineCommand({
  path: ['local', 'exec'],
  summary: 'run a program whose Azure is the laptop cloud',
  arguments: [{ name: '<command...>', summary: 'the program and its arguments, after --' }],
  effects: { network: ['whatever the program calls, through the loopback proxy'], writes: [] },
  examples: [
    'smartfhir local exec -- curl https://management.azure.com/subscriptions?api-version=2022-12-01',
  ],
  async run(input, context) {
    const { projectStateFolder } = await import('../environment/state-folder.ts');
    const { requireStack } = await import('../local/stack.ts');
    const { clientEnvironment } = await import('../local/client-environment.ts');
    const { runProgram } = await import('../local/run-program.ts');
    const [program, ...args] = input.args.flat().filter((word) => word !== undefined);
    if (program === undefined) throw new SmartfhirError('USAGE', 'no program was named after --');
    const access = await requireStack(await projectStateFolder(context.flags));
    const env = { ...context.io.env, ...clientEnvironment(access) };
    // The program's exit code is the result: this command adds nothing of its own.
    return (await runProgram({
      program,
      args,
      cwd: context.flags.cwd,
      env,
      signal: context.signal,
    })) as ExitCode;
  },
});
