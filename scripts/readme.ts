/** Writes the generated parts of README.md; with --check it only compares and fails when they are stale. */
import { readFile, writeFile } from 'node:fs/promises';
import { commands } from '../src/commands/index.ts';

const file = new URL('../README.md', import.meta.url);
const current = await readFile(file, 'utf8');
const wanted = replaceBetween(current, 'commands', commandTable());
if (process.argv.includes('--check')) {
  if (wanted !== current) {
    console.error('README.md: the table of commands is stale; run: npx node scripts/readme.ts');
    process.exitCode = 1;
  }
} else {
  await writeFile(file, wanted);
}

function commandTable(): string {
  const rows = commands.map((command) => {
    const words = [...command.path, ...(command.arguments ?? []).map((argument) => argument.name)].join(' ');
    const writes = command.effects.writes.length === 0 ? 'nothing' : command.effects.writes.join('; ');
    return `| \`${words.replaceAll('|', '\\|')}\` | ${command.summary} | ${writes} |`;
  });
  return ['| command | does | writes |', '|---|---|---|', ...rows].join('\n');
}

function replaceBetween(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md has no ${begin} … ${end}`);
  return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
}
