import { parseResourceScope } from '../../smart/scopes.ts';
import { everything, patientOf, startSession, unspelled } from './authorized-app.ts';
import { patientUser, standaloneApp } from './cast.ts';
import { defineEvidence, required } from './evidence.ts';
import { fhirGet, fhirSearch, type SearchSeen } from './fhir-read.ts';
import type { Seen } from './seen.ts';
import { session } from './standalone.ts';

export interface ChosenScopesFacts {
  readonly at: string;
  readonly asked: string;
  /** What stayed ticked. */
  readonly chosen: string;
  readonly granted: string;
  readonly refusedType: string;
  readonly refusedSearch: SearchSeen;
  /** A read of an instance of the refused type that the wider session could see; null when there is none. */
  readonly refusedRead: Seen | null;
  readonly allowedRead: Seen;
}

/** The type the user declines, by preference: every US Core server has some. */
const DECLINED = ['Observation', 'Condition', 'AllergyIntolerance', 'Encounter', 'Immunization'];

/**
 * A second session of the same user and app, begun after the wider one, in which the user keeps all scopes but
 * those of one resource type; then that type asked for.
 */
export const chosenScopes = defineEvidence<ChosenScopesFacts>({
  id: 'chosenScopes',
  async gather(probe) {
    const wide = await probe.use(session);
    const client = standaloneApp(probe.profile);
    const scope = await everything(probe, client);
    const scopes = scope.split(' ');
    const typeOf = (word: string): string | undefined => parseResourceScope(word)?.type;
    const refusedType = required(
      DECLINED.find((type) => scopes.some((word) => typeOf(word) === type)),
      `the app is registered for no single type that the user could decline${await unspelled(probe)}`,
    );
    const patient = patientOf(wide.tokens);
    const search = `${refusedType}?patient=${patient}`;
    const visible = await fhirSearch(probe, wide.tokens.accessToken, search);
    const keepScope = (word: string): boolean => typeOf(word) !== refusedType;
    const { tokens } = await startSession(probe, {
      client,
      user: patientUser(probe.profile),
      scope,
      keepScope,
    });
    const row = visible.rows.find((item) => item.startsWith(`${refusedType}/`));
    const facts: ChosenScopesFacts = {
      at: tokens.answer.at,
      asked: scope,
      chosen: scopes.filter(keepScope).join(' '),
      granted: tokens.scope,
      refusedType,
      refusedSearch: await fhirSearch(probe, tokens.accessToken, search),
      refusedRead: row === undefined ? null : await fhirGet(probe, tokens.accessToken, row),
      allowedRead: await fhirGet(probe, tokens.accessToken, `Patient/${patient}`),
    };
    return { facts, live: undefined };
  },
});
