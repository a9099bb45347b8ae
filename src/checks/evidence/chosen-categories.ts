import { GRANULAR_CATEGORIES } from '../../smart/scope-table.ts';
import { everything, startSession, unspelled } from './authorized-app.ts';
import { patientUser, standaloneApp } from './cast.ts';
import { defineEvidence, required } from './evidence.ts';
import { session } from './standalone.ts';

export interface ChosenCategoriesFacts {
  readonly at: string;
  /** The scope for a whole type that the app asked for. */
  readonly asked: string;
  /** Scopes for categories of it that the user picked instead, where the page offers them. */
  readonly picked: readonly string[];
  readonly granted: string;
}

const TYPE = 'Condition';

/** A session of the same user and app in which the user grants categories of a type that was asked for whole. */
export const chosenCategories = defineEvidence<ChosenCategoriesFacts>({
  id: 'chosenCategories',
  async gather(probe) {
    await probe.use(session);
    const client = standaloneApp(probe.profile);
    const scopes = (await everything(probe, client)).split(' ');
    const asked = required(
      scopes.find((scope) => scope === `patient/${TYPE}.rs`),
      `the app is not registered for patient/${TYPE}.rs${await unspelled(probe)}`,
    );
    const picked = GRANULAR_CATEGORIES.filter(({ type }) => type === TYPE).map(
      ({ system, code }) => `${asked}?category=${system}|${code}`,
    );
    const { tokens } = await startSession(probe, {
      client,
      user: patientUser(probe.profile),
      scope: `launch/patient openid patient/Patient.rs ${asked}`,
      keepScope: (scope) => scope !== asked && (!scope.startsWith(asked) || picked.includes(scope)),
    });
    return { facts: { at: tokens.answer.at, asked, picked, granted: tokens.scope }, live: undefined };
  },
});
