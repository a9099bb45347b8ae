import { badRequest } from '../fhir-error.ts';

/** Where a page ended: the key of its last row, and its sort value when sorted by a parameter. */
export interface ContinuationToken {
  readonly k: number;
  readonly sortValue: string | number | null;
}

export function writeContinuation(token: ContinuationToken): string {
  return Buffer.from(JSON.stringify([token.k, token.sortValue])).toString('base64url');
}

/** @throws FhirError 400 when it is not one of ours */
export function readContinuation(text: string): ContinuationToken {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(value) && value.length === 2) {
      const [k, sortValue] = value as [unknown, unknown];
      const fine = sortValue === null || typeof sortValue === 'string' || typeof sortValue === 'number';
      if (typeof k === 'number' && Number.isSafeInteger(k) && k >= 0 && fine) return { k, sortValue };
    }
  } catch {
    // Falls through: what cannot be read is invalid.
  }
  throw badRequest('The continuation token is invalid.');
}
