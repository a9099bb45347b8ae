import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf, SmartfhirError } from '../core/errors.ts';

/** Where a secret lies; the only form in which configuration may speak of one. */
export type SecretReference =
  | { readonly kind: 'env'; readonly variable: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'keyvault'; readonly vault: string; readonly name: string };

export const SECRET_REFERENCE =
  /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*|keyvault:[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]\/[0-9A-Za-z-]{1,127})$/;

export const SECRET_REFERENCE_FORMS = 'env:VARIABLE, file:PATH or keyvault:VAULT/NAME';

/** The parts of a reference, or undefined when the text is none (a secret itself, most likely). */
export function parseSecretReference(text: string): SecretReference | undefined {
  if (!SECRET_REFERENCE.test(text)) return undefined;
  const rest = text.slice(text.indexOf(':') + 1);
  if (text.startsWith('env:')) return { kind: 'env', variable: rest };
  if (text.startsWith('file:')) return { kind: 'file', path: rest };
  const [vault = '', name = ''] = rest.split('/');
  return { kind: 'keyvault', vault, name };
}

export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder to which `file:` paths are relative: that of smartfhir.yaml. */
  readonly folder: string;
  readonly keyVault?: (vault: string, name: string) => Promise<string>;
}

/**
 * The secret behind a reference, without a trailing line break.
 *
 * @throws SmartfhirError `MISSING_INPUT` when nothing is there, `CONFIG_INVALID` when the text is no reference
 */
export async function resolveSecret(text: string, sources: SecretSources): Promise<string> {
  const reference = parseSecretReference(text);
  if (reference === undefined) {
    throw new SmartfhirError('CONFIG_INVALID', 'a secret stands where a reference to one belongs', {
      fix: `write ${SECRET_REFERENCE_FORMS}`,
    });
  }
  const value = (await lookUp(reference, sources))?.replace(/\r?\n$/, '');
  if (value === undefined || value === '') {
    throw new SmartfhirError('MISSING_INPUT', `the secret ${text} is empty or not there`, {
      fix:
        reference.kind === 'env' ? `set the environment variable ${reference.variable}` : `provide ${text}`,
    });
  }
  return value;
}

async function lookUp(reference: SecretReference, sources: SecretSources): Promise<string | undefined> {
  switch (reference.kind) {
    case 'env':
      return sources.env[reference.variable];
    case 'file':
      try {
        return await readFile(resolve(sources.folder, reference.path), 'utf8');
      } catch (error) {
        throw new SmartfhirError('MISSING_INPUT', `file:${reference.path}: ${messageOf(error)}`, {
          cause: error,
        });
      }
    case 'keyvault':
      if (sources.keyVault === undefined) {
        throw new SmartfhirError('NOT_SUPPORTED', `keyvault:${reference.vault}/… cannot be read here`, {
          why: 'this command has no Azure credential',
          fix: 'sign in, or use an env: or file: reference',
        });
      }
      return sources.keyVault(reference.vault, reference.name);
  }
}
