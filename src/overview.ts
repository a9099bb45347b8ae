import { commands } from './commands/index.ts';
import { wrap } from './core/wrap.ts';

/** What the first word of commands with two words is about. */
export const GROUP_SUMMARIES: Readonly<Record<string, string>> = {
  launch: 'play the EHR or the app of a SMART launch',
  local: 'the cloud on this laptop',
  checks: 'the checks of doctor',
  config: 'smartfhir.yaml',
  client: 'the registered SMART apps',
  data: 'FHIR data: generate and load',
  inferno: 'the official (g)(10) test kit',
};

const ABOUT = 'Provision, check and launch SMART on FHIR for ONC (g)(10), on Azure or whole on one laptop.';
const OPTIONS: readonly (readonly [term: string, summary: string])[] = [
  ['--version', 'output the version number'],
  ['-h, --help', 'show this help'],
];

/**
 * The help of `smartfhir` itself. Rendered here rather than by the parser, which takes longer to load than everything
 * else that this page needs.
 *
 * @param width columns of the terminal
 */
export function overview(width: number): string {
  const terms = commandTerms();
  const column = Math.max(...[...OPTIONS, ...terms].map(([term]) => term.length)) + 4;
  const list = (items: readonly (readonly [string, string])[]): string[] =>
    items.map(([term, summary]) => wrap(`  ${term.padEnd(column - 2)}${summary}`, width, column));
  return [
    'Usage: smartfhir <command> [options]',
    '',
    wrap(ABOUT, width, 0),
    '',
    'Options:',
    ...list(OPTIONS),
    '',
    'Commands:',
    ...list(terms),
    '',
    wrap('Start here: smartfhir init · smartfhir doctor URL · smartfhir local up', width, 0),
    '',
  ].join('\n');
}

/** Commands of one word with their arguments, and groups once, in the order of the registry. */
function commandTerms(): readonly (readonly [term: string, summary: string])[] {
  const terms = new Map<string, string>();
  for (const { path, arguments: given = [], summary } of commands) {
    const [word = ''] = path;
    if (path.length > 1) terms.set(word, GROUP_SUMMARIES[word] ?? word);
    else terms.set([word, ...given.map(({ name }) => name)].join(' '), summary);
  }
  return [...terms];
}
