import { type Document, isMap, isNode, isPair, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { SmartfhirError } from '../core/errors.ts';
import { keysAt } from './json-schema.ts';
import { nearest } from './nearest.ts';
import { type ConfigFile, fileSchema } from './schema.ts';

/** Larger files are refused unread, milliseconds of parsing and bombs of aliases alike. */
const MAX_FILE_CHARACTERS = 1_000_000;
const MAX_ALIASES = 100;

/** A place in a file: both count from 1. */
interface Position {
  readonly line: number;
  readonly col: number;
}

/** A parsed smartfhir.yaml that still knows where everything stood. */
export interface ParsedFile {
  readonly file: string;
  readonly value: ConfigFile;
  /** `file:line:col` of the node at the path, or of its nearest ancestor. */
  position(path: readonly PropertyKey[]): string;
}

/**
 * Parses and checks the text of a smartfhir.yaml.
 *
 * @throws SmartfhirError `CONFIG_INVALID`, one `file:line:col: problem` per line
 */
export function parseConfigFile(text: string, file: string): ParsedFile {
  if (text.length > MAX_FILE_CHARACTERS)
    throw invalid([`${file}:1:1: larger than ${MAX_FILE_CHARACTERS} characters`]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Position => lines.linePos(offset);
  const show = ({ line, col }: Position): string => `${file}:${line}:${col}`;
  if (document.errors.length > 0) {
    throw invalid(document.errors.map((error) => `${show(at(error.pos[0]))}: ${firstLine(error.message)}`));
  }
  const position = (path: readonly PropertyKey[]): string => show(at(offsetOf(document, path)));
  const result = fileSchema.safeParse(toJs(document, file));
  if (!result.success) {
    throw invalid(
      result.error.issues.flatMap((issue) => describe(issue, document, (offset) => show(at(offset)))),
    );
  }
  return { file, value: result.data, position };
}

export function invalid(lines: readonly string[]): SmartfhirError {
  return new SmartfhirError('CONFIG_INVALID', lines.join('\n'));
}

function toJs(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    throw invalid([`${file}:1:1: more than ${MAX_ALIASES} aliases, or an alias without anchor`]);
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

function describe(
  issue: z.core.$ZodIssue,
  document: Document.Parsed,
  show: (offset: number) => string,
): readonly string[] {
  if (issue.code === 'unrecognized_keys') {
    const under = issue.path.length === 0 ? '' : ` in ${issue.path.map(String).join('.')}`;
    return issue.keys.map((key) => {
      const meant = nearest(key, keysAt(issue.path));
      const hint = meant === undefined ? under : `; did you mean "${meant}"?`;
      return `${show(offsetOf(document, [...issue.path, key]))}: unknown key "${key}"${hint}`;
    });
  }
  const where = issue.path.length === 0 ? 'the file' : issue.path.map(String).join('.');
  return [`${show(offsetOf(document, issue.path))}: ${where}: ${problemOf(issue, document)}`];
}

function problemOf(issue: z.core.$ZodIssue, document: Document.Parsed): string {
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => inner.message).join('; ');
  const given = document.getIn(issue.path);
  if (issue.code === 'invalid_type') {
    const article = /^[aeio]/.test(issue.expected) ? 'an' : 'a';
    if (issue.path.length === 0) return 'is empty, or no mapping of keys to values';
    return given === undefined ? 'is missing' : `must be ${article} ${issue.expected}`;
  }
  if (issue.code !== 'invalid_value') return issue.message;
  const meant = typeof given === 'string' ? nearest(given, issue.values.map(String)) : undefined;
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  const one = issue.values.length === 1;
  return `must be ${issue.values.map(String).join(', ')}${one ? '' : hint}`;
}

/** Where the key at the path stands, else where its nearest ancestor does. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && keyText(item.key) === String(part));
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else {
      node =
        isNode(node) && 'get' in node && typeof node.get === 'function' ? node.get(part, true) : undefined;
      offset = startOf(node) ?? offset;
    }
  }
  return offset;
}

function keyText(key: unknown): string {
  return isNode(key) && 'value' in key ? String(key.value) : String(key);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? ((node as Node).range?.[0] ?? undefined) : undefined;
}
