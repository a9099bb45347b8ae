import { HOP_BY_HOP } from '../node-http.ts';
import type { HeaderList } from './header-list.ts';

/**
 * Takes out what belongs to one connection, the headers that `Connection` names included. Requests lose them before
 * the first policy runs: otherwise a client could name a header that a policy sets, and have it dropped.
 */
export function removeHopByHop(headers: HeaderList): void {
  const named = (headers.text('connection') ?? '').split(',').map((name) => name.trim());
  for (const name of [...HOP_BY_HOP, ...named]) headers.delete(name);
}
