import { requireAccess, visibleResource } from './access.ts';
import { badRequest, NotImitated } from './fhir-error.ts';
import type { Interaction, Reply } from './interaction.ts';
import { pageLinks } from './page-link.ts';
import { instant } from './resource.ts';
import { readContinuation, writeContinuation } from './search/continuation.ts';
import { DEFAULT_COUNT, MAXIMUM_COUNT } from './search/search-request.ts';
import { type DateRange, dateRange } from './store/date-range.ts';
import { type StoredVersion, versionOf } from './store/fhir-store.ts';
import { etagOf } from './stored-reply.ts';

interface HistoryRow extends StoredVersion {
  readonly rank: number;
}

/** Versions of one resource, one type or everything, latest first. */
export function history(interaction: Interaction, type: string | undefined, id: string | undefined): Reply {
  const { caller, store } = interaction;
  // SMART 2.2.0: `r` covers the history of one resource, `s` that of a type or of all.
  requireAccess(caller, 'read', ['read', id === undefined ? 'search' : 'readById'], type);
  if (caller.smart !== undefined) {
    if (type === undefined || id === undefined)
      throw new NotImitated('History of a type or of all for SMART callers');
    visibleResource(interaction, type, id);
  }
  if (type !== undefined && id !== undefined) existing(interaction, type, id);
  const options = readOptions(interaction);
  const conditions = ['s = ?'];
  const parameters: (string | number)[] = [store.service];
  const add = (sql: string, value: string | number): void => {
    conditions.push(sql);
    parameters.push(value);
  };
  if (type !== undefined) add('type = ?', type);
  if (id !== undefined) add('id = ?', id);
  if (options.since !== undefined) add('upd >= ?', options.since);
  if (options.before !== undefined) add('upd < ?', options.before);
  const where = conditions.join(' AND ');
  const total = Number(
    store.all(`SELECT COUNT(*) AS n FROM fhir_hist WHERE ${where}`, parameters)[0]?.['n'] ?? 0,
  );
  const sql = `SELECT type, id, ver, upd, method, json FROM fhir_hist WHERE ${where} ORDER BY upd DESC, type, id, ver DESC LIMIT ? OFFSET ?`;
  const rows = store
    .all(sql, [...parameters, options.count + 1, options.offset])
    .map((row, index): HistoryRow => ({ ...versionOf(row), rank: options.offset + index }));
  return { status: 200, body: historyBundle(interaction, rows, options, total) };
}

function existing(interaction: Interaction, type: string, id: string): void {
  if (interaction.store.read(type, id) === undefined) visibleResource(interaction, type, id);
}

interface HistoryOptions {
  readonly count: number;
  readonly since: number | undefined;
  readonly before: number | undefined;
  readonly offset: number;
}

function readOptions({ query, fabric }: Interaction): HistoryOptions {
  const value = (name: string): string | undefined => query.find(([key]) => key === name)?.[1];
  const rangeOf = (name: string): DateRange | undefined => {
    const text = value(name);
    if (text === undefined) return undefined;
    const range = dateRange(text);
    if (range === undefined) throw badRequest(`The date time string '${text}' is not in a correct format.`);
    return range;
  };
  const count = value('_count') ?? String(DEFAULT_COUNT);
  if (!/^[1-9]\d{0,8}$/.test(count)) throw badRequest('The count must be greater than zero.');
  const before = rangeOf('_before')?.lo;
  if (before !== undefined && before > fabric.clock.now()) {
    throw badRequest('Parameter _before cannot a be a value in the future.');
  }
  if (value('_at') !== undefined && (value('_since') !== undefined || value('_before') !== undefined)) {
    throw badRequest('_at and _before or _since cannot both be specified.');
  }
  const at = rangeOf('_at');
  const ct = value('ct');
  return {
    count: Math.min(Number(count), MAXIMUM_COUNT),
    since: at?.lo ?? rangeOf('_since')?.lo,
    before: at === undefined ? before : at.hi + 1,
    offset: ct === undefined ? 0 : readContinuation(ct).k,
  };
}

function historyBundle(
  interaction: Interaction,
  rows: readonly HistoryRow[],
  options: HistoryOptions,
  total: number,
): unknown {
  const { store } = interaction;
  const more = rows.length > options.count;
  const next = more ? writeContinuation({ k: options.offset + options.count, sortValue: null }) : undefined;
  return {
    resourceType: 'Bundle',
    id: crypto.randomUUID(),
    meta: { lastUpdated: instant(interaction.fabric.clock.now()) },
    type: 'history',
    total,
    link: pageLinks(interaction, next),
    entry: rows.slice(0, options.count).map((row) => historyEntry(store.base, row)),
  };
}

function historyEntry(base: string, row: StoredVersion): unknown {
  const url = row.method === 'POST' ? row.type : `${row.type}/${row.id}`;
  const status = row.deleted ? '204 NoContent' : row.version === 1 ? '201 Created' : '200 OK';
  return {
    fullUrl: `${base}/${row.type}/${row.id}`,
    ...(row.deleted ? {} : { resource: JSON.parse(row.json) as unknown }),
    request: { method: row.method, url },
    response: { status, etag: etagOf(row.version), lastModified: instant(row.updatedAt) },
  };
}
