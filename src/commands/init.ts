import type { StarterAnswers } from '../config/starter.ts';
import type { CommandContext, CommandInput } from '../core/command.ts';
import { defineCommand, textOption } from '../core/command.ts';
import { SmartfhirError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';

export const init = defineCommand({
  path: ['init'],
  summary: 'write a smartfhir.yaml',
  options: {
    name: { flags: '--name <name>', summary: 'name of the stack' },
    location: { flags: '--location <region>', summary: 'Azure region, such as eastus2' },
    publisherEmail: { flags: '--publisher-email <email>', summary: 'contact that API Management demands' },
    tenant: { flags: '--tenant <id>', summary: 'directory (tenant) id; default: that of the credential' },
    subscription: { flags: '--subscription <id>', summary: 'subscription id; default: the only one' },
    adopt: { flags: '--adopt <id>', summary: 'resource id of an existing FHIR service to use' },
  },
  effects: { network: [], writes: ['smartfhir.yaml', 'one line in .gitignore'] },
  examples: [
    'smartfhir init --local --no-input',
    'smartfhir init --no-input -e dev --name claims --location eastus2 --publisher-email ana@contoso.example',
  ],
  async run(input, context) {
    const { resolve, relative } = await import('node:path');
    const path = resolve(context.flags.cwd, context.flags.config ?? 'smartfhir.yaml');
    await refuseExisting(path);
    const { starterFile } = await import('../config/starter.ts');
    const { checkAllEnvironments } = await import('../config/load.ts');
    const text = starterFile(await collect(input, context));
    checkAllEnvironments(text, 'smartfhir.yaml');
    await writeNew(path, text);
    const ignored = await ignoreStateFolder(context.flags.cwd);
    const written = [relative(context.flags.cwd, path), ...(ignored ? ['.gitignore'] : [])];
    const next = context.flags.env === 'local' ? 'smartfhir local up' : 'smartfhir plan';
    context.output.result({ written, next }, () => `wrote ${written.join(' and ')}\n  next  ${next}`);
    return ExitCode.ok;
  },
});

async function collect(input: CommandInput, context: CommandContext): Promise<StarterAnswers> {
  const { DEFAULT_STACK_NAME } = await import('../config/starter.ts');
  const given = (name: string): string | undefined => textOption(input, name);
  if (context.flags.env === 'local') return { name: given('name') ?? DEFAULT_STACK_NAME, azure: undefined };
  if (context.flags.mayAsk) {
    const { askStarter } = await import('../environment/ask.ts');
    return askStarter({ env: context.flags.env, ...input.options }, context);
  }
  const [name, location, publisherEmail] = ['name', 'location', 'publisherEmail'].map(given);
  if (name === undefined || location === undefined || publisherEmail === undefined) {
    const missing = [
      ...(name === undefined ? ['--name'] : []),
      ...(location === undefined ? ['--location'] : []),
      ...(publisherEmail === undefined ? ['--publisher-email'] : []),
    ];
    throw new SmartfhirError('MISSING_INPUT', `missing: ${missing.join(', ')}`, {
      fix: 'pass them, or pass --local for a stack on this laptop only',
      command: 'smartfhir init --local --no-input',
    });
  }
  return {
    name,
    azure: {
      env: context.flags.env ?? 'dev',
      ...{ location, publisherEmail },
      tenant: given('tenant'),
      subscription: given('subscription'),
      adopt: given('adopt'),
    },
  };
}

async function refuseExisting(path: string): Promise<void> {
  const { access } = await import('node:fs/promises');
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists) throw alreadyThere(path);
}

function alreadyThere(path: string): SmartfhirError {
  return new SmartfhirError('ALREADY_EXISTS', `${path} is already there; it was not touched`);
}

/** Appears whole or not at all, and never over a file that came in the meantime. */
async function writeNew(path: string, text: string): Promise<void> {
  const { link, rm, writeFile } = await import('node:fs/promises');
  const { dirname } = await import('node:path');
  const { makeFolder } = await import('../core/files.ts');
  const draft = `${path}.${process.pid}.tmp`;
  await makeFolder(dirname(path));
  try {
    await writeFile(draft, text, { mode: 0o644, flag: 'wx' });
    await link(draft, path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw alreadyThere(path);
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Adds `.smartfhir/` to the .gitignore of a repository. */
async function ignoreStateFolder(cwd: string): Promise<boolean> {
  const { access, readFile } = await import('node:fs/promises');
  const { join } = await import('node:path');
  const { writeFileAtomic } = await import('../core/files.ts');
  const isRepository = await access(join(cwd, '.git')).then(
    () => true,
    () => false,
  );
  if (!isRepository) return false;
  const path = join(cwd, '.gitignore');
  const before = await readFile(path, 'utf8').catch(() => '');
  if (/^\.smartfhir\/?$/m.test(before)) return false;
  const separator = before === '' || before.endsWith('\n') ? '' : '\n';
  await writeFileAtomic(path, `${before}${separator}.smartfhir/\n`, 0o644);
  return true;
}
