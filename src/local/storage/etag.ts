import { randomBytes } from 'node:crypto';
import { StorageError } from './storage-error.ts';

/** `"0x8DE…"`, never used twice. */
export function newEtag(): string {
  return `"0x8${randomBytes(8).toString('hex').toUpperCase().slice(0, 14)}"`;
}

/** What a condition is about; undefined when it does not exist. */
export interface Versioned {
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly changedAt: number;
}

const NOT_MET = 'The condition specified using HTTP conditional header(s) is not met.';

/** @throws StorageError 304 or 412 when a read's conditions do not hold */
export function requireReadConditions(headers: Headers, current: Versioned): void {
  const match = headers.get('if-match');
  const none = headers.get('if-none-match');
  if (match !== null && !names(match, current.etag)) throw notMet(412);
  if (unmodifiedFails(headers, current)) throw notMet(412);
  if (none !== null && names(none, current.etag)) throw notMet(304);
  const since = dateOf(headers.get('if-modified-since'));
  if (none === null && since !== undefined && wholeSeconds(current.changedAt) <= since) throw notMet(304);
}

/** @throws StorageError 412, or 409 when `If-None-Match: *` meets something */
export function requireWriteConditions(headers: Headers, current: Versioned | undefined): void {
  const match = headers.get('if-match');
  const none = headers.get('if-none-match');
  if (match !== null && (current === undefined || !names(match, current.etag))) throw notMet(412);
  if (current === undefined) return;
  if (none === '*') throw new StorageError(409, 'BlobAlreadyExists', 'The specified blob already exists.');
  if (none !== null && names(none, current.etag)) throw notMet(412);
  if (unmodifiedFails(headers, current)) throw notMet(412);
  const since = dateOf(headers.get('if-modified-since'));
  if (since !== undefined && wholeSeconds(current.changedAt) <= since) throw notMet(412);
}

function unmodifiedFails(headers: Headers, current: Versioned): boolean {
  const until = dateOf(headers.get('if-unmodified-since'));
  return until !== undefined && wholeSeconds(current.changedAt) > until;
}

function names(header: string, etag: string): boolean {
  return header === '*' || header.split(',').some((item) => `"${item.trim().replaceAll('"', '')}"` === etag);
}

function dateOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const at = Date.parse(header);
  if (Number.isNaN(at)) {
    throw new StorageError(
      400,
      'InvalidHeaderValue',
      'The value for one of the HTTP headers is not in the correct format.',
    );
  }
  return at;
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

function notMet(status: 304 | 412): StorageError {
  return new StorageError(status, 'ConditionNotMet', NOT_MET);
}
