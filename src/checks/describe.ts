import { SmartfhirError } from '../core/errors.ts';
import { type Check, groupOf } from './check.ts';

/** A check as `checks list`, `checks show` and `explain` tell of it. */
export interface CheckDescription {
  readonly id: string;
  readonly group: string;
  readonly title: string;
  readonly severity: string;
  readonly specs: readonly string[];
  readonly requirements: readonly string[];
  readonly inferno: readonly string[];
  /** The evidence it judges. */
  readonly needs: readonly string[];
  readonly fix: string;
}

export function describeCheck(check: Check): CheckDescription {
  const { id, title, severity, specs, requirements, inferno, needs, fix } = check.meta;
  const evidence = Object.values(needs).map((item) => item.id);
  return { id, group: groupOf(id), title, severity, specs, requirements, inferno, needs: evidence, fix };
}

/** @throws SmartfhirError `USAGE` with the ids that look alike */
export function findCheck(checks: readonly Check[], id: string): Check {
  const found = checks.find((check) => check.meta.id === id);
  if (found !== undefined) return found;
  const alike = checks
    .map((check) => check.meta.id)
    .filter((other) => other.includes(id.split('/').at(-1) ?? id));
  const members = checks.filter((check) => groupOf(check.meta.id) === id);
  if (members.length > 0) {
    throw new SmartfhirError('USAGE', `"${id}" is a group of ${members.length} checks`, {
      why: 'one check is named GROUP/NAME',
      fix: 'choose one of the list',
      command: `smartfhir checks list --only ${id}`,
    });
  }
  throw new SmartfhirError('USAGE', `there is no check "${id}"`, {
    fix:
      alike.length > 0 && alike.length <= 10 ? `did you mean ${alike.join(', ')}?` : 'see the list of checks',
    command: 'smartfhir checks list',
  });
}

export function renderCheck(check: CheckDescription): string {
  const line = (name: string, value: string): string[] =>
    value === '' ? [] : [`  ${name.padEnd(12)} ${value}`];
  return [
    `${check.id}  ${check.title}`,
    ...line('severity', check.severity),
    ...line('from', check.specs.join('; ')),
    ...line('requirements', check.requirements.join(' ')),
    ...line('Inferno', check.inferno.join(' ')),
    ...line('looks at', check.needs.join(', ')),
    ...line('fix', check.fix),
  ].join('\n');
}
