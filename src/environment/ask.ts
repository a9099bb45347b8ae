import type { StarterAnswers } from '../config/starter.ts';
import { Stop } from '../core/io.ts';

/** Yes or no; no is what Enter means. Only for runs that may ask. */
export async function askConfirmation(message: string, signal: AbortSignal): Promise<boolean> {
  const { confirm } = await import('@inquirer/prompts');
  return asked(confirm({ message, default: false }, { signal }));
}

export async function askText(message: string, signal: AbortSignal): Promise<string> {
  const { input } = await import('@inquirer/prompts');
  return asked(input({ message }, { signal }));
}

/** Answers that were given as options are not asked for again. */
export type GivenAnswers = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/** The wizard: at most six questions. */
export async function askStarter(given: GivenAnswers, signal: AbortSignal): Promise<StarterAnswers> {
  const { input, select } = await import('@inquirer/prompts');
  const { DEFAULT_STACK_NAME } = await import('../config/starter.ts');
  const text = async (key: string, message: string, fallback: string, pattern?: RegExp): Promise<string> => {
    const value = given[key];
    if (typeof value === 'string') return value;
    const validate = (typed: string): boolean | string =>
      pattern === undefined || pattern.test(typed) || `must match ${pattern.source}`;
    return asked(input({ message, default: fallback, validate }, { signal }));
  };
  const optional = (key: string): string | undefined => {
    const value = given[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const where = await asked(
    select(
      {
        message: 'Where should the stack live?',
        choices: [
          { name: 'Azure, and this laptop for trying out', value: 'azure' },
          { name: 'this laptop only', value: 'local' },
        ],
      },
      { signal },
    ),
  );
  const name = await text('name', 'Name of the stack', DEFAULT_STACK_NAME, /^[a-z][a-z0-9-]{1,18}[a-z0-9]$/);
  if (where === 'local') return { name, azure: undefined };
  const env = await text('env', 'Name of the environment', 'dev', /^[a-z0-9][a-z0-9-]*$/);
  const location = await text('location', 'Azure region', 'eastus2', /^[a-z0-9]+$/);
  const publisherEmail = await text('publisherEmail', 'Contact that API Management shows', '', /^\S+@\S+$/);
  const adopt =
    optional('adopt') ??
    (await text('adopt', 'Resource id of an existing FHIR service (Enter: make one)', ''));
  return {
    name,
    azure: {
      env,
      location,
      publisherEmail,
      tenant: optional('tenant'),
      subscription: optional('subscription'),
      adopt: adopt === '' ? undefined : adopt,
    },
  };
}

/** Ctrl-C at a prompt is an interrupt like any other. */
async function asked<T>(question: Promise<T>): Promise<T> {
  try {
    return await question;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') throw new Stop('interrupt');
    throw error;
  }
}
