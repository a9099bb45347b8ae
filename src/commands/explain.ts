import { defineCommand } from '../core/command.ts';
import { ERROR_CODES } from '../core/error-codes.ts';
import { SmartfhirError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';

export const explain = defineCommand({
  path: ['explain'],
  summary: 'what a check or an error code of smartfhir, Entra or Azure means, and what to do',
  arguments: [
    { name: '<code>', summary: 'discovery/pkce-s256, UNREACHABLE, AADSTS7000215, VaultAlreadyExists' },
  ],
  effects: { network: [], writes: [] },
  examples: ['smartfhir explain launch/aud-wrong-post', 'smartfhir explain AADSTS65001'],
  async run(input, { output }) {
    const given = input.args[0] ?? '';
    const entra = /^(?:AADSTS)?(\d{5,7})$/i.exec(given)?.[1];
    if (entra !== undefined) {
      const { AADSTS } = await import('../smart/aadsts.ts');
      const entry = AADSTS[entra];
      if (entry === undefined) {
        throw new SmartfhirError('USAGE', `nothing is known about "${given}"`, {
          why: 'Entra has more numbers than are explained here',
          fix: `Microsoft explains it at https://login.microsoftonline.com/error?code=${entra}`,
        });
      }
      const code = `AADSTS${entra}`;
      output.result({ schema: 'smartfhir/explanation/v1', code, ...entry }, () =>
        [`${code}  ${entry.meaning}`, `  cause  ${entry.cause}`, `  fix    ${entry.fix}`].join('\n'),
      );
      return ExitCode.ok;
    }
    const { azureHint } = await import('../azure/error-hints.ts');
    // `Forbidden` is Azure's, `FORBIDDEN` ours.
    const hint = Object.hasOwn(ERROR_CODES, given) ? undefined : azureHint(given);
    if (hint !== undefined) {
      output.result({ schema: 'smartfhir/explanation/v1', ...hint }, () =>
        [
          `${output.style.bold(hint.code)}  an error code of Azure`,
          `  cause  ${hint.cause}`,
          `  fix    ${hint.fix}`,
        ].join('\n'),
      );
      return ExitCode.ok;
    }
    if (Object.hasOwn(ERROR_CODES, given.toUpperCase())) {
      const code = given.toUpperCase() as keyof typeof ERROR_CODES;
      const entry = ERROR_CODES[code];
      output.result({ schema: 'smartfhir/explanation/v1', code, ...entry }, () =>
        [
          `${output.style.bold(code)}  exit code ${entry.exitCode}`,
          `  cause  ${entry.cause}`,
          `  fix    ${entry.fix}`,
          `  next   ${entry.command}`,
        ].join('\n'),
      );
      return ExitCode.ok;
    }
    const { checks } = await import('../checks/index.ts');
    const { describeCheck, findCheck, renderCheck } = await import('../checks/describe.ts');
    const asCheck = checks.some(({ meta }) => meta.id.includes(given)) || given.includes('/');
    if (!asCheck) throw await unknown(given);
    const described = describeCheck(findCheck(checks, given));
    output.result({ schema: 'smartfhir/explanation/v1', code: described.id, ...described }, () =>
      renderCheck(described),
    );
    return ExitCode.ok;
  },
});

async function unknown(given: string): Promise<SmartfhirError> {
  const { nearest } = await import('../config/nearest.ts');
  const meant = nearest(given, Object.keys(ERROR_CODES));
  return new SmartfhirError('USAGE', `nothing is known about "${given}"`, {
    fix:
      meant === undefined
        ? 'give the id of a check, an error code of smartfhir or Azure, or an AADSTS number'
        : `did you mean ${meant}?`,
    command: meant === undefined ? 'smartfhir checks list' : `smartfhir explain ${meant}`,
  });
}
