import type { StoredResource } from '../resources.ts';
import { compilePolicy } from './policy/document.ts';
import type { CompiledPolicy, Scope, Step } from './policy/element.ts';
import type { ServiceConfiguration } from './service-configuration.ts';

/** What a service has where nobody wrote a global policy. */
const DEFAULT_GLOBAL_POLICY =
  '<policies><inbound /><backend><forward-request /></backend><outbound /><on-error /></policies>';

/** Compiled policies, kept until their document or something they refer to changes. */
export class PolicyCache {
  readonly #compiled = new Map<string, { key: string; policy: CompiledPolicy }>();

  /** Policies from the innermost scope outwards; scopes without a document are left out. */
  chain(
    configuration: ServiceConfiguration,
    api: StoredResource | undefined,
    operation: StoredResource | undefined,
  ): CompiledPolicy[] {
    const { service, revision } = configuration;
    const scopes: [Scope, string | undefined][] = [
      ['operation', operation?.id],
      ['api', api?.id],
      ['global', service.id],
    ];
    return scopes.flatMap(([scope, id]) => {
      if (id === undefined) return [];
      const stored = configuration.policy(id);
      if (stored === undefined) return scope === 'global' ? [this.#default(configuration)] : [];
      const key = `${stored.etag} ${revision}`;
      const known = this.#compiled.get(id);
      if (known?.key === key) return [known.policy];
      const policy = compilePolicy(stored.document, stored.format, scope, configuration.environment());
      this.#compiled.set(id, { key, policy });
      return [policy];
    });
  }

  #default(configuration: ServiceConfiguration): CompiledPolicy {
    return compilePolicy(DEFAULT_GLOBAL_POLICY, 'rawxml', 'global', configuration.environment());
  }
}

/** The `cors` steps in force for a preflight, in the order in which inbound would run them. */
export function preflightSteps(scopes: readonly CompiledPolicy[], level = 0): Step[] {
  const steps = scopes[level]?.preflight ?? [];
  return steps.flatMap((step) => (step === 'base' ? preflightSteps(scopes, level + 1) : [step]));
}
