import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const SRC = new URL('../src', import.meta.url).pathname;

/** Which folder may import which (ARCHITECTURE.md has the same table and its reasons). */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  standards: [],
  smart: ['core', 'standards'],
  azure: ['core', 'standards'],
  local: ['core', 'standards'],
  report: ['core', 'standards'],
  templates: ['core', 'standards'],
  config: ['core', 'smart'],
  functions: ['smart', 'azure', 'core', 'standards'],
  data: ['smart', 'templates', 'core', 'standards'],
  checks: ['smart', 'core', 'standards'],
  provision: ['azure', 'templates', 'smart', 'config', 'core', 'standards'],
  'provision/engine': ['core'],
  environment: ['config', 'azure', 'provision', 'local', 'data', 'core', 'smart'],
  commands: ['core'],
  'context.ts': ['core'],
  'cli.ts': ['core', 'context.ts', 'program.ts', 'overview.ts', 'failure.ts'],
  'program.ts': ['core', 'commands', 'overview.ts'],
  'overview.ts': ['core', 'commands'],
  'failure.ts': ['core', 'commands'],
  'main.ts': ['core', 'cli.ts'],
  'index.ts': ['core', 'cli.ts'],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly kind: 'static' | 'type' | 'dynamic' | 'export';
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort();
const imports: readonly Import[] = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  const found: Import[] = [];
  const resolveTo = (specifier: string): string =>
    relative(SRC, resolve(dirname(join(SRC, file)), specifier));
  for (const match of text.matchAll(/^(import|export)\s+(type\s)?[^'"]*?from\s+'(\.[^']+)'/gm)) {
    const kind = match[2] !== undefined ? 'type' : match[1] === 'export' ? 'export' : 'static';
    found.push({ from: file, to: resolveTo(match[3]!), kind });
  }
  for (const match of text.matchAll(/\bimport\('(\.[^']+)'\)/g)) {
    found.push({ from: file, to: resolveTo(match[1]!), kind: 'dynamic' });
  }
  return found;
}

/** The room a file belongs to: its first folder, or its own name at the top. */
function room(path: string): string {
  return path.includes('/') ? path.split('/')[0]! : path;
}

function allowed(edge: Import): boolean {
  const from = room(edge.from);
  if (edge.from.startsWith('provision/engine/')) {
    return edge.to.startsWith('provision/engine/') || room(edge.to) === 'core';
  }
  if (edge.from.startsWith('provision/resources/') && edge.to.startsWith('provision/resources/')) {
    return edge.from === 'provision/resources/index.ts';
  }
  if (from === 'commands') {
    if (room(edge.to) === 'commands') return edge.from === 'commands/index.ts';
    if (edge.kind === 'dynamic' || edge.kind === 'type') return true;
  }
  if (room(edge.to) === from) return true;
  return (MAY_IMPORT[from] ?? []).includes(room(edge.to));
}

describe('the import table', () => {
  test('every room is in the table', () => {
    expect(files.map(room).filter((name) => !(name in MAY_IMPORT))).toEqual([]);
  });

  test('no file imports what its room may not', () => {
    expect(
      imports.filter((edge) => !allowed(edge)).map((edge) => `${edge.from} → ${edge.to} (${edge.kind})`),
    ).toEqual([]);
  });

  test('a check never imports another check', () => {
    const groups = imports.filter(
      (edge) =>
        /^checks\/[^/]+\/[^/]+\.ts$/.test(edge.from) &&
        !edge.from.startsWith('checks/evidence/') &&
        /^checks\/[^/]+\/[^/]+\.ts$/.test(edge.to) &&
        !edge.to.startsWith('checks/evidence/'),
    );
    expect(groups.map((edge) => `${edge.from} → ${edge.to}`)).toEqual([]);
  });

  test('there is no import cycle', () => {
    expect(findCycle()).toEqual([]);
  });

  test('every relative import names an existing file', () => {
    const known = new Set(files);
    expect(
      imports
        .filter((edge) => edge.to.endsWith('.ts') && !known.has(edge.to))
        .map((edge) => `${edge.from} → ${edge.to}`),
    ).toEqual([]);
  });
});

/** The files of one cycle of static imports, [] when there is none. Types and late imports cannot close a cycle. */
function findCycle(): string[] {
  const graph = new Map<string, string[]>();
  for (const edge of imports) {
    if (edge.kind === 'static' || edge.kind === 'export')
      graph.set(edge.from, [...(graph.get(edge.from) ?? []), edge.to]);
  }
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...path, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of files) {
    const cycle = visit(file, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

describe('the units', () => {
  const registries: readonly (readonly [folder: string, registry: string, ignore: RegExp])[] = [
    ['commands', 'commands/index.ts', /index\.ts$/],
    ['provision/resources', 'provision/resources/index.ts', /index\.ts$/],
    ['checks', 'checks/index.ts', /^checks\/([^/]+\.ts|evidence\/.*)$/],
    ['local/arm/types', 'local/arm/types.ts', /^$/],
    ['local/apim/elements', 'local/apim/elements.ts', /^$/],
  ];
  test.each(registries)('%s: one registry line per unit', (folder, registry, ignore) => {
    const units = files.filter(
      (file) => file.startsWith(`${folder}/`) && file !== registry && !ignore.test(file),
    );
    const registered = imports.filter((edge) => edge.from === registry).map((edge) => edge.to);
    expect(units.filter((unit) => registered.filter((to) => to === unit).length !== 1)).toEqual([]);
  });

  test('only the bin ends the process', () => {
    expect(files.filter((file) => /process\.exit\(/.test(readFileSync(join(SRC, file), 'utf8')))).toEqual([]);
  });
});
