import { z } from 'zod';
import { fileSchema } from './schema.ts';

/** The JSON Schema of smartfhir.yaml, for editors; the committed copy is schema/smartfhir.schema.json. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(fileSchema, { io: 'input', target: 'draft-2020-12' });
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | false;
  readonly items?: SchemaNode;
}

/** The keys that smartfhir.yaml may have at a path; none when the path leads to no object with fixed keys. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let node: SchemaNode | undefined = configJsonSchema();
  for (const part of path) {
    if (typeof part === 'number') node = node?.items;
    else node = node?.properties?.[String(part)] ?? (node?.additionalProperties || undefined);
  }
  return Object.keys(node?.properties ?? {});
}
