import { defineCommand, flagOption, textOption } from '../core/command.ts';
import { SmartfhirError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { DetachedOptions } from '../local/detached.ts';

const LARGEST_BASE = 65_531;

export const localUp = defineCommand({
  path: ['local', 'up'],
  summary: 'start the laptop cloud; provisions nothing',
  options: {
    foreground: { flags: '--foreground', summary: 'stay in this process until Ctrl-C' },
    portBase: {
      flags: '--port-base <n>',
      summary: 'first of five neighbouring ports, kept for later starts',
    },
  },
  effects: { network: ['loopback only'], writes: ['.smartfhir/local'] },
  examples: ['smartfhir local up', 'smartfhir local up -o json'],
  async run(input, context) {
    const { projectStateFolder } = await import('../environment/state-folder.ts');
    const { describeStack, renderStack } = await import('../environment/stack-description.ts');
    const folder = await projectStateFolder(context.flags);
    const portBase = portOption(textOption(input, 'portBase'));
    if (flagOption(input, 'foreground')) {
      const { startStack } = await import('../local/stack.ts');
      const stack = await startStack({ folder, ...(portBase === undefined ? {} : { portBase }) });
      try {
        const document = await describeStack(
          { running: true, pid: process.pid, access: stack.access },
          context.flags,
        );
        context.output.result(document, () => renderStack(document));
        context.output.progress('running; Ctrl-C stops it');
        await untilAborted(context.signal);
      } finally {
        await stack.close();
      }
      return ExitCode.ok;
    }
    const { stackStatus } = await import('../local/stack.ts');
    let status = await stackStatus(folder);
    if (!status.running) {
      const { join } = await import('node:path');
      const { packageRoot } = await import('../core/assets.ts');
      const { startDetached } = await import('../local/detached.ts');
      const { cwd, config } = context.flags;
      const start: DetachedOptions = {
        folder,
        cwd,
        env: context.io.env,
        signal: context.signal,
        command: [
          process.execPath,
          join(packageRoot(), 'bin', 'smartfhir.js'),
          ...['local', 'up', '--foreground', '-o', 'json', '--cwd', cwd],
          ...(config === undefined ? [] : ['--config', config]),
          ...(portBase === undefined ? [] : ['--port-base', String(portBase)]),
        ],
      };
      status = await context.output.wait('starting the laptop cloud', () => startDetached(start));
    }
    const document = await describeStack(status, context.flags);
    context.output.result(document, () => renderStack(document));
    return ExitCode.ok;
  },
});

function portOption(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value > 0 && value <= LARGEST_BASE) return value;
  throw new SmartfhirError('USAGE', `--port-base "${text}" is not a port between 1 and ${LARGEST_BASE}`);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
