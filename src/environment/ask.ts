import type { StarterAnswers } from '../config/starter.ts';
import type { CommandContext } from '../core/command.ts';
import { SmartfhirError } from '../core/errors.ts';
import { Stop } from '../core/io.ts';

/** Who is asked: the run's own terminal. Only for runs that may ask. */
export type Asker = Pick<CommandContext, 'io' | 'signal'>;

/** Yes or no; no is what Enter means. */
export async function askConfirmation(message: string, asker: Asker): Promise<boolean> {
  const { confirm } = await import('@inquirer/prompts');
  return asked(confirm({ message, default: false }, terminal(asker)));
}

export async function askText(message: string, asker: Asker): Promise<string> {
  const { input } = await import('@inquirer/prompts');
  return asked(input({ message }, terminal(asker)));
}

/** Answers that were given as options are not asked for again. */
export type GivenAnswers = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

type AzureAnswers = NonNullable<StarterAnswers['azure']>;

/** The wizard: at most six questions, each answer judged as smartfhir.yaml will be. */
export async function askStarter(given: GivenAnswers, asker: Asker): Promise<StarterAnswers> {
  const { DEFAULT_STACK_NAME } = await import('../config/starter.ts');
  const onAzure = AZURE_OPTIONS.some((key) => typeof given[key] === 'string') || (await askWhere(asker));
  const laptop: StarterAnswers = { name: DEFAULT_STACK_NAME, azure: undefined };
  const name = await askAnswer(given, asker, 'name', 'Name of the stack', laptop.name, (text) => ({
    ...laptop,
    name: text,
  }));
  if (!onAzure) return { ...laptop, name };
  let azure: AzureAnswers = {
    env: 'dev',
    location: DEFAULT_REGION,
    publisherEmail: 'somebody@example.org',
    tenant: textOf(given['tenant']),
    subscription: textOf(given['subscription']),
    adopt: undefined,
  };
  const ask = async (key: keyof AzureAnswers, message: string, fallback: string): Promise<void> => {
    const made = (text: string): AzureAnswers => ({ ...azure, [key]: text === '' ? undefined : text });
    const check = (text: string): StarterAnswers | string => {
      if (text === '' && key !== 'adopt') return 'an answer is needed';
      if (text === 'local' && key === 'env') return '"local" is this laptop; take another name';
      return { name, azure: made(text) };
    };
    azure = made(await askAnswer(given, asker, key, message, fallback, check));
  };
  await ask('env', 'Name of the environment', azure.env);
  await ask('location', 'Azure region', azure.location);
  await ask('publisherEmail', 'E-mail address that API Management shows as contact', '');
  await ask('adopt', 'Resource id of an existing FHIR service (Enter: make a new one)', '');
  return { name, azure };
}

const DEFAULT_REGION = 'eastus2';
/** Options that make sense for Azure only. */
const AZURE_OPTIONS = ['location', 'publisherEmail', 'tenant', 'subscription', 'adopt'];

async function askWhere(asker: Asker): Promise<boolean> {
  const { select } = await import('@inquirer/prompts');
  const choices = [
    { name: 'Azure, and this laptop for trying out', value: true },
    { name: 'this laptop only', value: false },
  ];
  return asked(select({ message: 'Where should the stack live?', choices }, terminal(asker)));
}

/** One answer, given or asked for; `check` makes the whole of which the answer is a part, or says what is wrong. */
async function askAnswer(
  given: GivenAnswers,
  asker: Asker,
  key: string,
  message: string,
  fallback: string,
  check: (text: string) => StarterAnswers | string,
): Promise<string> {
  const known = textOf(given[key]);
  if (known !== undefined) return known;
  const { input } = await import('@inquirer/prompts');
  const validate = async (typed: string): Promise<boolean | string> => {
    const whole = check(typed.trim());
    return typeof whole === 'string' ? whole : ((await problemWith(whole)) ?? true);
  };
  const typed = input(
    { message, validate, ...(fallback === '' ? {} : { default: fallback }) },
    terminal(asker),
  );
  return (await asked(typed)).trim();
}

function textOf(value: GivenAnswers[string]): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Why a file with these answers would be refused, in the schema's own words. */
async function problemWith(answers: StarterAnswers): Promise<string | undefined> {
  const { starterFile } = await import('../config/starter.ts');
  const { checkAllEnvironments } = await import('../config/load.ts');
  try {
    checkAllEnvironments(starterFile(answers), 'smartfhir.yaml');
    return undefined;
  } catch (error) {
    if (!(error instanceof SmartfhirError)) throw error;
    return withoutPlace(error.message);
  }
}

/** A file that is not written yet has no lines to point at. */
function withoutPlace(text: string): string {
  const [first = ''] = text.split('\n');
  return first.replace(/^.*?smartfhir\.yaml:\d+:\d+:\s*/, '');
}

function terminal({ io, signal }: Asker) {
  return { signal, input: io.stdin, output: io.stdout };
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
