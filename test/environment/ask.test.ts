import { PassThrough } from 'node:stream';
import { screen } from '@inquirer/testing/vitest';
import { describe, expect, test, vi } from 'vitest';
import { checkAllEnvironments } from '../../src/config/load.ts';
import { type StarterAnswers, starterFile } from '../../src/config/starter.ts';
import { systemClock } from '../../src/core/clock.ts';
import {
  type Asker,
  askConfirmation,
  askStarter,
  askText,
  type GivenAnswers,
} from '../../src/environment/ask.ts';

const asker: Asker = {
  signal: new AbortController().signal,
  io: {
    env: {},
    cwd: '/',
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    clock: systemClock,
  },
};

const ENTER = '';

/** Waits until the prompt shows it. */
const shown = (pattern: RegExp): Promise<void> =>
  vi.waitFor(() => expect(screen.getScreen()).toMatch(pattern), { timeout: 10_000, interval: 5 });

const QUESTIONS: Readonly<Record<string, RegExp>> = {
  where: /Where should the stack live\?/,
  name: /Name of the stack/,
  env: /Name of the environment/,
  location: /Azure region/,
  publisherEmail: /E-mail address that API Management shows/,
  adopt: /Resource id of an existing FHIR service/,
};

/** Answers exactly these questions, in this order. */
async function converse(
  given: GivenAnswers,
  answers: Readonly<Record<string, string>>,
): Promise<StarterAnswers> {
  const running = askStarter(given, asker);
  for (const [key, answer] of Object.entries(answers)) {
    await shown(QUESTIONS[key] ?? /$^/);
    if (answer === 'down') screen.keypress('down');
    else if (answer !== ENTER) screen.type(answer);
    screen.keypress('enter');
  }
  return running;
}

describe('the questions of init', () => {
  test('six for Azure; Enter takes the default where there is one', async () => {
    const answers = { where: ENTER, name: ENTER, env: ENTER, location: ENTER };
    const result = await converse({}, { ...answers, publisherEmail: 'ana@contoso.example', adopt: ENTER });
    expect(result).toEqual({
      name: 'smart-demo',
      azure: {
        env: 'dev',
        location: 'eastus2',
        publisherEmail: 'ana@contoso.example',
        tenant: undefined,
        subscription: undefined,
        adopt: undefined,
      },
    });
    expect(checkAllEnvironments(starterFile(result), 'smartfhir.yaml')).toEqual(['dev', 'local']);
  });

  test('two for this laptop only', async () => {
    const result = await converse({}, { where: 'down', name: 'claims' });
    expect(result).toEqual({ name: 'claims', azure: undefined });
  });

  test('what options said is not asked again', async () => {
    const given = { name: 'claims', location: 'westeurope', env: 'prod', tenant: TENANT };
    const result = await converse(given, { publisherEmail: 'ana@contoso.example', adopt: ENTER });
    expect(result).toMatchObject({
      name: 'claims',
      azure: { env: 'prod', location: 'westeurope', tenant: TENANT },
    });
  });

  const refusals: readonly [key: string, wrong: string, told: RegExp, right: string][] = [
    ['name', 'Not A Name', /lower-case/, 'claims'],
    ['env', 'local', /is this laptop/, 'dev'],
    ['location', 'East US 2', /such as eastus2/, 'eastus2'],
    ['publisherEmail', 'nobody', /Invalid email/, 'ana@contoso.example'],
    ['publisherEmail', ENTER, /answer is needed/, 'ana@contoso.example'],
    [
      'adopt',
      '/subscriptions/x/providers/Microsoft.HealthcareApis/services/old',
      /retired on 30 September 2026/,
      '',
    ],
    ['adopt', 'my-fhir', /workspaces\/\{workspace\}/, ''],
  ];
  test.each(refusals)(
    '%s: "%s" is refused with a reason and asked again',
    async (key, wrong, told, right) => {
      const all: Record<string, string> = {
        name: 'claims',
        env: 'dev',
        location: 'eastus2',
        publisherEmail: 'ana@contoso.example',
      };
      if (key !== 'adopt') all['adopt'] = ADOPTED;
      const { [key]: _asked, ...given } = all;
      const running = askStarter(given, asker);
      await shown(QUESTIONS[key] ?? /$^/);
      if (wrong !== ENTER) screen.type(wrong);
      screen.keypress('enter');
      await shown(told);
      for (let n = 0; n < wrong.length; n++) screen.keypress('backspace');
      screen.type(right);
      screen.keypress('enter');
      const result = await running;
      if (key === 'name') expect(result.name).toBe(right);
      else expect(result.azure).toMatchObject({ [key]: right === '' ? undefined : right });
    },
  );
});

const TENANT = '11111111-2222-4333-8444-555555555555';
const ADOPTED = `/subscriptions/${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}/resourceGroups/rg/providers/Microsoft.HealthcareApis/workspaces/claims/fhirservices/fhir`;

test('an answer that YAML would read as something else stays text', () => {
  const azure = {
    env: 'dev',
    location: 'eastus2',
    publisherEmail: 'ana@contoso.example',
    tenant: undefined,
    subscription: undefined,
    adopt: undefined,
  };
  const text = starterFile({ name: 'null', azure: { ...azure, env: '2026' } });
  expect(text).toContain('name: "null"');
  expect(checkAllEnvironments(text, 'smartfhir.yaml')).toEqual(['2026', 'local']);
});

test('Enter at a confirmation means no; only yes is yes', async () => {
  const refused = askConfirmation('Apply 3 changes?', asker);
  await shown(/Apply 3/);
  screen.keypress('enter');
  expect(await refused).toBe(false);
  const given = askConfirmation('Apply 4 changes?', asker);
  await shown(/Apply 4/);
  screen.type('y');
  screen.keypress('enter');
  expect(await given).toBe(true);
});

test('a text is returned as typed', async () => {
  const running = askText('Type "dev"', asker);
  await shown(/Type "dev"/);
  screen.type('dev');
  screen.keypress('enter');
  expect(await running).toBe('dev');
});
